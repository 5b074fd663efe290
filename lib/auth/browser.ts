import type { Browser } from './sessions'

/**
 * Who a request came from. Behind a reverse proxy the last entry of X-Forwarded-For is the address that it saw itself;
 * without one Next fills the header from the socket. Earlier entries are whatever the client wrote.
 */
export function browserOf(headers: Pick<Headers, 'get'>): Browser {
  const last = headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? ''
  return { source: last.replace(/^::ffff:/, '').slice(0, 64), userAgent: headers.get('user-agent') ?? '' }
}
