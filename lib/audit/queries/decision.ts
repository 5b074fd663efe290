import { authorise } from '@/lib/auth/command'
import { type Actor, can } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import type { Sql } from '@/lib/db/sql'
import { uuidTime } from '@/lib/db/uuid'
import type { RecordFilter } from '../filter/model'
import { windowOf } from '../filter/range'
import { authoriseView } from './authorise-view'
import { boundedRead } from './bounded-read'
import { type DecisionDetail, detailOf, type StoredDetail } from './decision-detail'
import { listed } from './decisions'
import { readPolicyLines } from './policy-lines'
import { walk } from './walk'

/**
 * One decision with its outcome, the lines it stands on and its neighbours in the list of `filter`.
 * Arguments are read only for who may see them. @throws Refusal `not_found` when no record has this id
 */
export async function readDecision(
  actor: Actor,
  id: string,
  { filter, nowMs = Date.now() }: { filter?: RecordFilter; nowMs?: number } = {},
): Promise<DecisionDetail> {
  authorise(actor, 'read')
  if (filter) authoriseView(actor, filter)
  const timeMs = uuidTime(id)
  const mayReadArguments = can(actor, 'read.arguments')
  const detail =
    timeMs === null ? null : await boundedRead(sql => selectOne(sql, id, timeMs, mayReadArguments, filter, nowMs))
  if (!detail) {
    throw new Refusal('not_found', `No record has the id ${id.slice(0, 64)}. It may have been dropped by retention.`)
  }
  return detail
}

async function selectOne(
  sql: Sql,
  id: string,
  timeMs: number,
  mayReadArguments: boolean,
  filter: RecordFilter | undefined,
  nowMs: number,
): Promise<DecisionDetail | null> {
  const row = await selectAt(sql, id, timeMs, mayReadArguments)
  if (!row) return null
  const [newer, older] = filter ? await selectNeighbours(sql, filter, row, nowMs) : [null, null]
  const detail = detailOf(row, mayReadArguments)
  return { ...detail, policyLines: await readPolicyLines(sql, detail), newer, older }
}

/** A record's time is its id's own millisecond: it finds the partition and the place in its index. */
async function selectAt(
  sql: Sql,
  id: string,
  timeMs: number,
  mayReadArguments: boolean,
): Promise<StoredDetail | undefined> {
  const [row] = await sql.query<StoredDetail>(
    `SELECT ${listed}, d.message, d.reasons, ${mayReadArguments ? 'd.arguments::text AS arguments,' : ''} d.masked_paths, d.proxy, d.identity_id,
       d.key_prefix, d.session, d.client_name, d.client_version, d.definition_digest, d.argument_digest, d.request_id, d.trace_id,
       d.decided_in_us, o.kind, o.is_error, o.duration_ms, o.status, o.result_bytes, o.error, o.recorded_at
     FROM decisions d LEFT JOIN outcomes o ON o.decision_id = d.id AND o.decision_time = $2
     WHERE d.id = $1 AND d.time = $2`,
    [id, new Date(timeMs)],
  )
  return row
}

/** What a neighbour is worth waiting for, in milliseconds; without one the panel has no way on, and stands. */
const LONGEST_NEIGHBOUR_MS = 400

async function selectNeighbours(
  sql: Sql,
  filter: RecordFilter,
  row: { time: Date; id: string },
  nowMs: number,
): Promise<[newer: string | null, older: string | null]> {
  const cursor = { timeMs: row.time.getTime(), id: row.id }
  const beside = async (side: 'newer' | 'older') => {
    const options = { cursor, side, limit: 1, longestMs: LONGEST_NEIGHBOUR_MS }
    const window = windowOf(filter.range, nowMs)
    const { rows } = await walk<{ id: string; time: Date }>(sql, filter, window, 'd.id, d.time', options)
    return rows[0]?.id ?? null
  }
  return [await beside('newer'), await beside('older')]
}
