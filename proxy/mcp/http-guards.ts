import type { IncomingMessage } from 'node:http'

/**
 * Names under which this proxy may be addressed. A browser that a page has lured here by DNS rebinding sends the page's
 * host name; ports do not matter, since a relay or a port mapping in front changes them and no attacker gains by one.
 */
export function allowedHosts(host: string, publicUrl: string): ReadonlySet<string> {
  const own = host === '0.0.0.0' || host === '::' ? [] : [host.includes(':') ? `[${host}]` : host]
  return new Set(
    ['localhost', '127.0.0.1', '[::1]', ...own, new URL(publicUrl).hostname].map(name => name.toLowerCase()),
  )
}

/** Why the request must not be answered from here; null when it may. */
export function hostProblem(request: IncomingMessage, allowed: ReadonlySet<string>): string | null {
  const { host, origin } = request.headers
  if (!allowed.has(hostName(host ?? '')))
    return 'This Host is not a name of this proxy. Set PROXY_URL to the address that clients use.'
  if (origin === undefined) return null
  const isAllowed = /^https?:\/\//.test(origin) && allowed.has(hostName(origin.replace(/^https?:\/\//, '')))
  return isAllowed ? null : 'This Origin may not call this proxy.'
}

function hostName(authority: string): string {
  return (/^(\[[0-9a-fA-F:.]+\]|[^:/?#@]*)(?::\d{1,5})?$/.exec(authority)?.[1] ?? '').toLowerCase()
}

/** What an Accept header says, as far as it matters here. */
interface Accepted {
  readonly json: boolean
  readonly events: boolean
  readonly prefersEvents: boolean
}

const MAX_KEPT = 256
const kept = new Map<string, Accepted>()

/** Clients send the same header with each request, so that it is read once. */
export function readAccept(request: IncomingMessage): Accepted {
  const { accept = '' } = request.headers
  const known = kept.get(accept)
  if (known) return known
  const names = accept.split(',').map(part => part.split(';', 1)[0]?.trim().toLowerCase())
  const lists = (type: string) =>
    names.includes(type) || names.includes('*/*') || names.includes(`${type.split('/')[0]}/*`)
  const [events, json] = [names.indexOf('text/event-stream'), names.indexOf('application/json')]
  const accepted = {
    json: lists('application/json'),
    events: lists('text/event-stream'),
    // The order tells what the client likes better.
    prefersEvents: events >= 0 && json > events,
  }
  if (kept.size >= MAX_KEPT) kept.clear()
  if (accept.length <= 1_024) kept.set(accept, accepted)
  return accepted
}

export function isJson(request: IncomingMessage): boolean {
  const { 'content-type': type = '' } = request.headers
  return type === 'application/json' || type.split(';', 1)[0]?.trim().toLowerCase() === 'application/json'
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/.test(address)
}
