import { Checkpoint, checkpointDigest } from '../checkpoint'
import { RetentionStatement, statementDigest } from '../retention/statement'
import { CheckpointTimestamp } from '../timestamp/model'

/** What is kept outside of the record: it says how far the record went, what retention dropped, and when that was seen. */
export type Evidence =
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'statement'; readonly statement: RetentionStatement }
  | { readonly kind: 'timestamp'; readonly timestamp: CheckpointTimestamp }

/** One line of JSON: a checkpoint as it is, the others under their names, as exports hold them too. */
export function writeEvidence(evidence: Evidence): string {
  if (evidence.kind === 'checkpoint') return JSON.stringify(evidence.checkpoint)
  return JSON.stringify(
    evidence.kind === 'statement' ? { statement: evidence.statement } : { timestamp: evidence.timestamp },
  )
}

/** Reads what `writeEvidence` wrote; null for anything else. */
export function readEvidence(line: string): Evidence | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  if ('statement' in value && !('signature' in value)) {
    const { data } = RetentionStatement.safeParse(value.statement)
    return data ? { kind: 'statement', statement: data } : null
  }
  if ('timestamp' in value) {
    const { data } = CheckpointTimestamp.safeParse(value.timestamp)
    return data ? { kind: 'timestamp', timestamp: data } : null
  }
  const { data } = Checkpoint.safeParse(value)
  return data ? { kind: 'checkpoint', checkpoint: data } : null
}

/** A name under which a place may keep it, which tells a second one of the same. */
export function nameOf(evidence: Evidence): string {
  if (evidence.kind === 'checkpoint') {
    const { proxy, chain, sequence } = evidence.checkpoint
    // A change of key is a second checkpoint of one place: the digest tells them apart.
    return `checkpoints/${proxy}/${chain}/${padded(sequence)}-${checkpointDigest(evidence.checkpoint).slice(0, 12)}.json`
  }
  if (evidence.kind === 'timestamp') {
    const { checkpoint, time } = evidence.timestamp
    return `timestamps/${time.slice(0, 10)}/${checkpoint}.json`
  }
  const { number } = evidence.statement
  return `retention/${padded(number)}-${statementDigest(evidence.statement).slice(0, 12)}.json`
}

function padded(number: number): string {
  return String(number).padStart(16, '0')
}
