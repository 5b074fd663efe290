import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { type JsonArray, quarantineRecord, recordCheckpoints } from '@/lib/audit/store'
import type { Sql } from '@/lib/db/sql'
import { placeOf } from './chain'
import type { Log } from './log'
import { aboutOf, type SpoolLine } from './spool-line'
import type { SpoolLines } from './spool-lines'

/** The record's door in Postgres. */
export interface RecordDoor {
  readonly sql: Sql
  /** Takes all of them, or throws. */
  record(decisions: JsonArray, outcomes: JsonArray): Promise<void>
  /** A folder that keeps what Postgres refused, too. */
  readonly directory: string
  readonly log: Log
}

/**
 * Hands lines to Postgres. A batch that it refuses for what is in it is halved until the bad record is alone; that one is set
 * aside whole.
 * @returns how many were set aside
 * @throws what Postgres says when it is not the lines' fault; some of them may be recorded then
 */
export async function takeLines(door: RecordDoor, lines: SpoolLines): Promise<number> {
  const [decisions, outcomes, checkpoints] = [lines.arrayOf('ad'), lines.arrayOf('o'), lines.arrayOf('c')]
  try {
    if (decisions.count + outcomes.count > 0) await door.record(decisions, outcomes)
    if (checkpoints.count > 0) await recordCheckpoints(door.sql, checkpoints)
    return 0
  } catch (error) {
    if (!isRefusedContent(error)) throw error
    const only = lines.length === 1 ? lines.at(0) : undefined
    if (only) return setAside(door, only, error)
    const half = Math.ceil(lines.length / 2)
    return (await takeLines(door, lines.slice(0, half))) + (await takeLines(door, lines.slice(half)))
  }
}

/** Into the quarantine table, and into a file, since what Postgres refused once it may refuse again. */
async function setAside({ sql, directory, log }: RecordDoor, line: SpoolLine, error: unknown): Promise<number> {
  const kind = line.kind === 'o' ? 'outcome' : line.kind === 'c' ? 'checkpoint' : 'decision'
  const refused = { kind, text: line.text, error: String(error), place: placeOf(line) }
  await quarantineRecord(sql, refused).catch(again => {
    if (!isRefusedContent(again)) throw again
  })
  const entry = JSON.stringify({ kind: line.kind, error: String(error), record: line.text })
  appendFileSync(path.join(directory, 'quarantine.ndjson'), `${entry}\n`, { mode: 0o600 })
  log.error({ error, decision: aboutOf(line)?.id }, 'Postgres refused a record; it is in quarantine')
  return 1
}

/** SQLSTATE classes that speak of the data: exceptions, constraints, limits. All else may pass by itself. */
function isRefusedContent(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' && /^(22|23|54)[0-9A-Z]{3}$/.test(code)
}
