import { z } from 'zod'
import { Hash } from '../checkpoint'

/** That an authority saw a checkpoint (RFC 3161). */
export const CheckpointTimestamp = z.strictObject({
  /** Digest of the checkpoint, which is what the authority stamped. */
  checkpoint: Hash,
  /** The authority's time. */
  time: z.iso.datetime({ precision: 3 }),
  /** The TimeStampToken, DER in base64. */
  token: z.base64().max(100_000),
})
export type CheckpointTimestamp = z.infer<typeof CheckpointTimestamp>
