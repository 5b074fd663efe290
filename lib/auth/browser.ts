import type { Browser } from './sessions'

/**
 * Who a request came from. The console's process writes the one entry of X-Forwarded-For itself, from the connection or from
 * as many proxies as CONSOLE_TRUSTED_PROXIES says (scripts/start/request-source.mjs): nothing that a client wrote is left.
 */
export function browserOf(headers: Pick<Headers, 'get'>): Browser {
  const last = headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? ''
  return { source: last.replace(/^::ffff:/, '').slice(0, 64), userAgent: headers.get('user-agent') ?? '' }
}
