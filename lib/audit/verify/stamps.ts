import type { X509Certificate } from 'node:crypto'
import { type Checkpoint, checkpointDigest } from '../checkpoint'
import type { CheckpointTimestamp } from '../timestamp/model'
import { TimestampProblem, verifyToken } from '../timestamp/token'
import type { Anchors } from './anchors'
import type { Findings } from './findings'

/** How far a chain was seen by an authority. */
export interface StampedTo {
  readonly sequence: number
  readonly time: string
}

/**
 * Checks time-stamps against the checkpoints that they speak of.
 * @param authorities certificates that are trusted; without any, nothing is checked and a note says so
 * @returns by chain, how far it was stamped at the latest
 */
export function checkStamps(
  stamps: readonly CheckpointTimestamp[],
  authorities: readonly X509Certificate[],
  anchors: Anchors,
  findings: Findings,
): { stampedTo: ReadonlyMap<string, StampedTo>; notes: string[] } {
  const stampedTo = new Map<string, StampedTo>()
  if (stamps.length === 0) return { stampedTo, notes: [] }
  if (authorities.length === 0)
    return {
      stampedTo,
      notes: [`${stamps.length} time-stamps were not checked. Give --tsa-certificate to have them checked.`],
    }
  const byDigest = new Map(anchors.known.map(({ checkpoint }) => [checkpointDigest(checkpoint), checkpoint]))
  let alone = 0
  for (const stamp of stamps) {
    const checkpoint = byDigest.get(stamp.checkpoint)
    const problem = problemOf(stamp, authorities)
    if (problem !== null)
      findings.add({ kind: 'forged_timestamp', ...placeOf(checkpoint), message: `${stampOf(stamp)}: ${problem}` })
    else if (!checkpoint) alone += 1
    else if ((stampedTo.get(checkpoint.chain)?.sequence ?? 0) < checkpoint.sequence)
      stampedTo.set(checkpoint.chain, { sequence: checkpoint.sequence, time: stamp.time })
  }
  const notes = alone > 0 ? [`${alone} time-stamps speak of checkpoints that are not here.`] : []
  return { stampedTo, notes }
}

function problemOf(stamp: CheckpointTimestamp, trusted: readonly X509Certificate[]): string | null {
  try {
    const imprint = Buffer.from(stamp.checkpoint, 'hex')
    const { time } = verifyToken(Buffer.from(stamp.token, 'base64'), { imprint, trusted })
    return time.toISOString() === stamp.time ? null : 'It says another time than is said of it.'
  } catch (error) {
    if (error instanceof TimestampProblem) return error.message
    throw error
  }
}

function stampOf({ time, checkpoint }: CheckpointTimestamp): string {
  return `The time-stamp of ${time} for checkpoint ${checkpoint.slice(0, 12)}…`
}

function placeOf(checkpoint: Checkpoint | undefined) {
  return { chain: checkpoint?.chain ?? null, sequence: checkpoint?.sequence ?? null, decision: null }
}
