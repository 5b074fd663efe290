import { z } from 'zod'
import type { JsonValue } from '@/lib/policy'

/** Version of the record's shape; readers of exports and spools look here first. */
export const RECORD_VERSION = 1

const Json: z.ZodType<JsonValue> = z.json() as z.ZodType<JsonValue>
const Time = z.iso.datetime({ precision: 3 })

/**
 * A decision record (DESIGN §6) as `record_calls` takes it, which reads a member that is left out as null. `time` is the id's own millisecond.
 * Nothing in it is ever a credential, and nothing in it is text that Postgres refuses (see ./storable).
 */
export const DecisionRecord = z.strictObject({
  id: z.uuidv7(),
  time: Time,
  record_version: z.literal(RECORD_VERSION),
  proxy: z.string(),
  identity_id: z.uuid().nullable(),
  identity: z.string().nullable(),
  key_prefix: z.string().nullable(),
  session: z.string().nullable(),
  client_name: z.string().nullable(),
  client_version: z.string().nullable(),
  server: z.string(),
  /** The MCP method; `authenticate` for a refused bearer. */
  method: z.string(),
  /** A tool's name, or `resources/<uri>`, `prompts/<name>`, `server/<method>`. */
  tool: z.string().nullable(),
  category: z.string().nullable(),
  risk: z.string().nullable(),
  effect: z.enum(['allow', 'deny', 'require_approval']),
  shadow_effect: z.enum(['allow', 'deny', 'require_approval']).nullable(),
  /** The true code, also where the caller was told `not_available`; null when allowed. */
  code: z.string().nullable(),
  rule: z.string().nullable(),
  line: z.int().nullable(),
  policy: z.string().nullable(),
  message: z.string().nullable(),
  reasons: z.array(Json),
  obligations: z.array(Json),
  /** Number of the bundle that decided. */
  revision: z.int().nullable(),
  definition_digest: z.string().nullable(),
  arguments: Json.nullable(),
  /** RFC 6901 pointers into `arguments`. */
  masked_paths: z.array(z.string()),
  argument_digest: z.string().nullable(),
  request_id: z.string().nullable(),
  trace_id: z.string().nullable(),
  /** Microseconds from the message read to the decision. */
  decided_in_us: z.int().nullable(),
})
export type DecisionRecord = z.infer<typeof DecisionRecord>

/** What became of a forwarded call: answered, answered by a JSON-RPC error, nothing sent, or nobody knows. */
export const OutcomeKind = z.enum(['result', 'error', 'unknown', 'not_sent'])
export type OutcomeKind = z.infer<typeof OutcomeKind>

export const OutcomeRecord = z.strictObject({
  decision_id: z.uuidv7(),
  decision_time: Time,
  record_version: z.literal(RECORD_VERSION),
  kind: OutcomeKind,
  /** A tool result with `isError`. */
  is_error: z.boolean(),
  /** The JSON-RPC error's code, or the upstream's HTTP status. */
  status: z.int().nullable(),
  duration_ms: z.number().nullable(),
  result_bytes: z.int().nullable(),
  error: z.string().nullable(),
  recorded_at: Time,
})
export type OutcomeRecord = z.infer<typeof OutcomeRecord>

/** A record's place in its proxy's hash chain (see ./chain). */
const Place = {
  chain: z.uuid(),
  sequence: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
}

/** Puts back the members that are left out because they are null. */
function withNulls(shape: Record<string, z.ZodType>): (line: unknown) => unknown {
  const nullable = Object.keys(shape).filter(name => shape[name]?.safeParse(null).success)
  const nulls = Object.fromEntries(nullable.map(name => [name, null]))
  return line => ({ ...nulls, ...(line as object) })
}

/**
 * A decision as the spool and `intercept run --record` hold it: in canonical form, so without members that are null, and then
 * its place.
 */
export const SpooledDecision = z.preprocess(withNulls(DecisionRecord.shape), DecisionRecord.extend(Place))

/** An outcome likewise. */
export const SpooledOutcome = z.preprocess(withNulls(OutcomeRecord.shape), OutcomeRecord.extend(Place))

/** Whether the call went upstream, so that an outcome must follow. */
export function expectsOutcome(record: Pick<DecisionRecord, 'effect'>): boolean {
  return record.effect === 'allow'
}
