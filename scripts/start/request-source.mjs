// Loaded into the console's process before Next (`--import`): where a request comes from is what the connection says, and not
// what its X-Forwarded-For says, which Next would take as it is. Sign-in counts attempts by it.
import { subscribe } from 'node:diagnostics_channel'

/**
 * The address that a request came from, as the outermost of our own reverse proxies saw it.
 * @param {string | undefined} forwarded X-Forwarded-For: each proxy adds whom it heard from, so only our own entries count
 * @param {string} peer address of the connection @param {number} proxies that stand in front, each of which adds an entry
 */
export function sourceOf(forwarded, peer, proxies) {
  const entries = (forwarded ?? '').split(',').map(entry => entry.trim())
  const hops = [...entries.filter(entry => entry !== ''), peer]
  return hops[Math.max(0, hops.length - 1 - proxies)] ?? peer
}

/** @param {string | undefined} text CONSOLE_TRUSTED_PROXIES */
export function readTrustedProxies(text) {
  if (!text) return 0
  if (/^\d$/.test(text)) return Number(text)
  throw new Error(
    `CONSOLE_TRUSTED_PROXIES is "${text}". Set it to how many reverse proxies stand before the console: 0 to 9.`,
  )
}

/** @param {number} proxies */
export function overwriteSources(proxies) {
  // Published before the server's own listeners hear of a request.
  subscribe('http.server.request.start', message => {
    const { request } = /** @type {{ request: import('node:http').IncomingMessage }} */ (message)
    const peer = request.socket.remoteAddress ?? ''
    request.headers['x-forwarded-for'] = sourceOf(String(request.headers['x-forwarded-for'] ?? ''), peer, proxies)
  })
}

if (process.env.INTERCEPT_CONSOLE === '1') overwriteSources(readTrustedProxies(process.env.CONSOLE_TRUSTED_PROXIES))
