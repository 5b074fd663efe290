import { z } from 'zod'
import { deriveKey, seal, unseal } from '@/lib/secret'

const Opened = z.record(z.string(), z.string())

/** Seals a sink's secrets, bound to its id; null when there are none. @param secret INTERCEPT_SECRET */
export function sealSecrets(
  secret: string,
  sinkId: string,
  secrets: Readonly<Record<string, string | undefined>>,
): Uint8Array<ArrayBuffer> | null {
  const given = Object.entries(secrets).filter(([, value]) => value !== undefined)
  if (given.length === 0) return null
  return seal(deriveKey(secret, 'credentials'), JSON.stringify(Object.fromEntries(given)), `sink:${sinkId}`)
}

/** Opens them again. @throws Error when INTERCEPT_SECRET is not the one that sealed them */
export function openSecrets(
  secret: string,
  sink: { id: string; name: string; sealed: Uint8Array | null },
): Record<string, string> {
  if (sink.sealed === null) return {}
  try {
    return Opened.parse(JSON.parse(unseal(deriveKey(secret, 'credentials'), sink.sealed, `sink:${sink.id}`)))
  } catch {
    throw new Error(
      `The credentials of the sink ${sink.name} do not open with this INTERCEPT_SECRET. Use the secret they were sealed with, or set them again.`,
    )
  }
}
