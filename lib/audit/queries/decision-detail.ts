import { z } from 'zod'
import { type DecisionRow, type OutcomeView, rowOf, type StoredRow } from './decisions'
import type { PolicyLines } from './policy-lines'

/** What a condition needed and what it found. `was` is left out where it is an argument that the reader may not see. */
export interface ConditionView {
  clause: string
  path: string
  op: string
  needs: unknown
  was?: unknown
  isWithheld: boolean
  holds: boolean
  error?: string
}

export interface ReasonView {
  policy: string
  rule: string
  line: number
  effect: string
  code: string | null
  message: string
  detail?: string
  conditions: ConditionView[]
}

/** `withheld`: the reader lacks the role. `not_kept`: the server's setting keeps none. */
export type ArgumentsView =
  | { state: 'shown'; json: string; maskedPaths: string[] }
  | { state: 'withheld' }
  | { state: 'not_kept' }

export interface DecisionDetail extends Omit<DecisionRow, 'outcome'> {
  outcome: OutcomeView | null
  message: string | null
  reasons: ReasonView[]
  arguments: ArgumentsView
  policyLines: PolicyLines | null
  proxy: string
  identityId: string | null
  keyPrefix: string | null
  session: string | null
  clientName: string | null
  clientVersion: string | null
  definitionDigest: string | null
  argumentDigest: string | null
  requestId: string | null
  traceId: string | null
  /** µs from message read to decision. */
  decidedInUs: number | null
  /** Ids beside it in the list of `filter`. */
  newer: string | null
  older: string | null
}

/** What proxies write; lenient, since records of older versions stay readable. */
const StoredReason = z.object({
  policy: z.string().catch(''),
  rule: z.string().catch(''),
  line: z.number().catch(0),
  effect: z.string().catch('deny'),
  code: z.string().nullable().catch(null),
  message: z.string().catch(''),
  detail: z.string().optional().catch(undefined),
  conditions: z
    .array(
      z.object({
        clause: z.string().catch('when'),
        path: z.string(),
        op: z.string(),
        needs: z.unknown(),
        was: z.unknown().optional(),
        holds: z.boolean(),
        error: z.string().optional(),
      }),
    )
    .catch([]),
})
const StoredReasons = z.array(StoredReason).catch([])

export interface StoredDetail extends StoredRow {
  message: string | null
  reasons: unknown
  /** jsonb as text, so that no number is rounded; not selected for who may not read it. */
  arguments?: string | null
  masked_paths: string[] | null
  proxy: string
  identity_id: string | null
  key_prefix: string | null
  session: string | null
  client_name: string | null
  client_version: string | null
  definition_digest: string | null
  argument_digest: string | null
  request_id: string | null
  trace_id: string | null
  decided_in_us: number | null
  status: number | null
  result_bytes: number | null
  error: string | null
  recorded_at: Date | null
}

/** A stored record as its reader may see it. */
export function detailOf(
  row: StoredDetail,
  mayReadArguments: boolean,
): Omit<DecisionDetail, 'policyLines' | 'newer' | 'older'> {
  return {
    ...rowOf(row),
    outcome: outcomeOf(row),
    message: row.message,
    reasons: StoredReasons.parse(row.reasons).map(reason => reasonOf(reason, mayReadArguments)),
    arguments: argumentsOf(row, mayReadArguments),
    proxy: row.proxy,
    identityId: row.identity_id,
    keyPrefix: row.key_prefix,
    session: row.session,
    clientName: row.client_name,
    clientVersion: row.client_version,
    definitionDigest: row.definition_digest,
    argumentDigest: row.argument_digest,
    requestId: row.request_id,
    traceId: row.trace_id,
    decidedInUs: row.decided_in_us,
  }
}

function reasonOf(reason: z.infer<typeof StoredReason>, mayReadArguments: boolean): ReasonView {
  const { detail, conditions, ...rest } = reason
  return {
    ...rest,
    ...(detail === undefined ? {} : { detail }),
    conditions: conditions.map(({ was, error, ...condition }) => {
      const isWithheld = !mayReadArguments && condition.path.startsWith('args.') && was !== undefined
      return {
        ...condition,
        isWithheld,
        ...(was === undefined || isWithheld ? {} : { was }),
        ...(error === undefined ? {} : { error }),
      }
    }),
  }
}

function argumentsOf(row: StoredDetail, mayReadArguments: boolean): ArgumentsView {
  if (!mayReadArguments) return { state: 'withheld' }
  if (row.arguments === null || row.arguments === undefined) return { state: 'not_kept' }
  return { state: 'shown', json: row.arguments, maskedPaths: row.masked_paths ?? [] }
}

function outcomeOf(row: StoredDetail): OutcomeView | null {
  if (row.kind === null || row.recorded_at === null) return null
  return {
    kind: row.kind,
    isError: row.is_error === true,
    status: row.status,
    durationMs: row.duration_ms,
    resultBytes: row.result_bytes,
    error: row.error,
    recordedAt: row.recorded_at,
  }
}
