import { deriveKey, seal, unseal } from '@/lib/secret'
import { Credentials } from './model'

/**
 * Seals a server's environment and headers with AES-256-GCM, bound to the server's id; null when there is nothing to seal.
 * @param secret INTERCEPT_SECRET
 */
export function sealCredentials(
  secret: string,
  serverId: string,
  credentials: Credentials,
): Uint8Array<ArrayBuffer> | null {
  const isEmpty = Object.keys(credentials.environment).length === 0 && Object.keys(credentials.headers).length === 0
  return isEmpty ? null : seal(deriveKey(secret, 'credentials'), JSON.stringify(credentials), serverId)
}

/**
 * Opens what `sealCredentials` made; empty when nothing was sealed.
 * @throws Error when INTERCEPT_SECRET is not the one that sealed them
 */
export function openCredentials(
  secret: string,
  server: { id: string; slug: string; sealed: Uint8Array | null },
): Credentials {
  if (server.sealed === null) return { environment: {}, headers: {} }
  try {
    return Credentials.parse(JSON.parse(unseal(deriveKey(secret, 'credentials'), server.sealed, server.id)))
  } catch {
    throw new Error(
      `The credentials of ${server.slug} do not open with this INTERCEPT_SECRET. Use the secret they were sealed with, or set them again.`,
    )
  }
}
