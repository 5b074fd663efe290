/** Where a signed-in member begins. */
export const HOME = '/overview'

/**
 * Where to go after signing in: the address that was asked for when it is one of this console's pages, else home.
 * Parsed as a browser would, so that `//host`, `/\host` and `https:host` do not lead away.
 */
export function returnPath(asked: unknown): string {
  if (typeof asked !== 'string' || !asked.startsWith('/') || asked.length > 2_000) return HOME
  const here = 'http://console.invalid'
  const url = URL.canParse(asked, here) ? new URL(asked, here) : null
  if (!url || url.origin !== here || /^\/(sign-in|setup|reset|api)(\/|$)/.test(url.pathname)) return HOME
  return url.pathname + url.search
}
