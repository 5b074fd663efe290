import { RetentionStatement } from '../retention/statement'
import type { CheckpointTimestamp } from '../timestamp/model'
import type { Snapshot } from './snapshot'

/** What retention says of what it dropped, oldest first. Content that is no statement is left out: the verifier misses it. */
export async function readStatements(snapshot: Snapshot): Promise<RetentionStatement[]> {
  const rows = await snapshot.query<{ content: unknown }>('SELECT content FROM retention_statements ORDER BY number')
  return rows.flatMap(({ content }) => RetentionStatement.safeParse(content).data ?? [])
}

/** Time-stamps of checkpoints, oldest first. */
export async function readStamps(snapshot: Snapshot): Promise<CheckpointTimestamp[]> {
  const rows = await snapshot.query<{ checkpoint: string; time: Date; token: string }>(
    'SELECT checkpoint, time, token FROM timestamps ORDER BY time',
  )
  return rows.map(({ checkpoint, time, token }) => ({ checkpoint, time: time.toISOString(), token }))
}
