/** What the headers depend on. */
export interface HeaderSettings {
  /** 128 random bits of this request, in base64. */
  nonce: string
  /** The console's public address is https. */
  secure: boolean
  /** `next dev`: React evaluates source maps and styles arrive inline. Never in a build. */
  development?: boolean
}

/**
 * The pages' Content-Security-Policy. Scripts run by nonce, and what they load with them ('strict-dynamic'; 'self' is for
 * browsers that do not know it). Style elements need the nonce too; style attributes, which React writes for widths and
 * positions, cannot carry one and cannot load anything under this policy.
 */
export function contentSecurityPolicy({ nonce, secure, development = false }: HeaderSettings): string {
  const directives = [
    `default-src 'none'`,
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ''}`,
    development ? `style-src 'self' 'unsafe-inline'` : `style-src 'self' 'nonce-${nonce}'`,
    `style-src-attr 'unsafe-inline'`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `worker-src 'self'`,
    `manifest-src 'self'`,
    `form-action 'self'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ]
  if (secure) directives.push('upgrade-insecure-requests')
  return directives.join('; ')
}

/** Features that no page of ours uses; copying to the clipboard is the one that is. */
const PERMISSIONS =
  'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=(), ' +
  'display-capture=(), browsing-topics=(), clipboard-read=(), clipboard-write=(self)'

/** Every security header of a page, by name. */
export function securityHeaders(settings: HeaderSettings): Record<string, string> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(settings),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    // Not no-referrer: forms would then be posted with `Origin: null` and Next would refuse them.
    'Referrer-Policy': 'same-origin',
    'Permissions-Policy': PERMISSIONS,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(settings.secure ? { 'Strict-Transport-Security': 'max-age=63072000' } : {}),
  }
}
