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

/** Whether an Accept header lists all of these media types. */
export function accepts(request: IncomingMessage, ...types: readonly string[]): boolean {
  const offered = (request.headers.accept ?? '').toLowerCase().split(',')
  const names = offered.map(part => part.split(';', 1)[0]?.trim())
  return types.every(type => names.includes(type) || names.includes('*/*') || names.includes(`${type.split('/')[0]}/*`))
}

/** Whether an Accept header names event streams before JSON: the order tells what the client likes better. */
export function prefersEvents(request: IncomingMessage): boolean {
  const accept = (request.headers.accept ?? '').toLowerCase()
  const [events, json] = [accept.indexOf('text/event-stream'), accept.indexOf('application/json')]
  return events >= 0 && json > events
}

export function isJson(request: IncomingMessage): boolean {
  const type = (request.headers['content-type'] ?? '').toLowerCase()
  return type.split(';', 1)[0]?.trim() === 'application/json'
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/.test(address)
}
