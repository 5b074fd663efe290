import { canonicalOf, sha256 } from '@/lib/audit/chain'
import { argumentDigest, isMaskedAt, maskArguments } from '@/lib/audit/masking'
import { type DecisionRecord, type OutcomeKind, type OutcomeRecord, RECORD_VERSION } from '@/lib/audit/model'
import { MASK, maskSecrets } from '@/lib/audit/secret-shapes'
import { storable } from '@/lib/audit/storable'
import { uuidv7 } from '@/lib/db/uuid'
import type { ConditionReason, JsonObject, JsonValue, Reason, ToolDefinition } from '@/lib/policy'
import type { CallDecision } from './call-decision'
import type { EnforcedServer, EnforcedTool } from './enforcement'
import type { Spool } from './spool'

/** Who asks, as far as it is known when the decision is recorded. */
export interface RecordedCaller {
  readonly identityId: string | null
  readonly identity: string | null
  readonly keyPrefix: string | null
  readonly session: string | null
  readonly clientName: string | null
  readonly clientVersion: string | null
}

export interface RecordedCall {
  readonly caller: RecordedCaller
  /** Slug. */
  readonly server: string
  readonly method: string
  readonly name: string | null
  readonly args: JsonObject | null
  readonly requestId: string | number | null
  readonly traceId: string | null
  readonly serverSettings: EnforcedServer | null
  readonly tool: EnforcedTool | null
  readonly definition: ToolDefinition | null
  readonly definitionDigest: string | null
  /** Number of the bundle in force. */
  readonly revision: number | null
  readonly decidedInUs: number | null
}

/** Names a record: its id and the time inside it, Unix ms. */
export interface RecordId {
  readonly id: string
  readonly atMs: number
}

export interface CallOutcome {
  readonly kind: OutcomeKind
  readonly isError?: boolean
  readonly status?: number | null
  readonly durationMs?: number
  readonly resultBytes?: number
  readonly error?: string
}

const MAX_TEXT = 2_000
const MAX_NAME = 512
const MAX_BACKLOG = 10_000
const RETRY_MS = 1_000

/** Makes records of decisions and outcomes and puts them into the spool. */
export class DecisionWriter {
  /** Records that could not be spooled although the answer stood: denials, and outcomes past the backlog. */
  auditGap = 0
  readonly #backlog: { record: OutcomeRecord; id: string }[] = []
  #retry: NodeJS.Timeout | null = null

  constructor(
    private readonly spool: Pick<Spool, 'append'>,
    private readonly proxy: string,
    private readonly digestKey: Buffer,
  ) {}

  newId(): RecordId {
    const atMs = Date.now()
    return { id: uuidv7(atMs), atMs }
  }

  /** Resolves when the decision is durable. @throws when it is not: then it must not be acted on, unless it denies */
  record(recordId: RecordId, call: RecordedCall, decision: CallDecision): Promise<void> {
    const record = this.#decisionRecord(recordId, call, decision)
    const kind = record.effect === 'allow' ? 'a' : 'd'
    const { text, digest } = lineOf(record)
    return this.spool.append(kind, text, { id: record.id, time: record.time }, digest)
  }

  /** Records what became of a forwarded call. Never throws; a disk that fails for a while is tried again. */
  recordOutcome({ id, atMs }: RecordId, outcome: CallOutcome): void {
    const record: OutcomeRecord = {
      decision_id: id,
      decision_time: new Date(atMs).toISOString(),
      record_version: RECORD_VERSION,
      kind: outcome.kind,
      is_error: outcome.isError ?? false,
      status: outcome.status ?? null,
      duration_ms: outcome.durationMs === undefined ? null : Math.round(outcome.durationMs * 1000) / 1000,
      result_bytes: outcome.resultBytes ?? null,
      error: outcome.error === undefined ? null : bounded(maskSecrets(outcome.error), MAX_TEXT),
      recorded_at: new Date().toISOString(),
    }
    this.#appendOutcome({ record, id })
  }

  close(): void {
    if (this.#retry) clearTimeout(this.#retry)
  }

  #appendOutcome(entry: { record: OutcomeRecord; id: string }): void {
    const time = entry.record.decision_time
    const { text, digest } = lineOf(entry.record)
    this.spool.append('o', text, { id: entry.id, time }, digest).catch(() => {
      if (this.#backlog.length >= MAX_BACKLOG) this.auditGap += 1
      else this.#backlog.push(entry)
      this.#retry ??= setTimeout(() => {
        this.#retry = null
        for (const waiting of this.#backlog.splice(0)) this.#appendOutcome(waiting)
      }, RETRY_MS)
    })
  }

  /** Keys in the order in which spool lines are read: id and time first. */
  #decisionRecord({ id, atMs }: RecordId, call: RecordedCall, decision: CallDecision): DecisionRecord {
    const { caller, serverSettings, args } = call
    const kept = serverSettings?.argumentsKept ?? 'masked'
    const redact = decision.obligations.flatMap(item => (item.kind === 'redact' ? item.paths : []))
    const masked = args && maskArguments(args, { kept, redact, inputSchema: call.definition?.inputSchema })
    const first = decision.reasons[0]
    return {
      id,
      time: new Date(atMs).toISOString(),
      record_version: RECORD_VERSION,
      proxy: this.proxy,
      identity_id: caller.identityId,
      identity: caller.identity,
      key_prefix: caller.keyPrefix,
      session: caller.session,
      client_name: caller.clientName && bounded(caller.clientName, 200),
      client_version: caller.clientVersion && bounded(caller.clientVersion, 100),
      server: call.server,
      method: bounded(call.method, 128),
      tool: call.name === null ? null : bounded(maskSecrets(call.name), MAX_NAME),
      category: call.tool?.category ?? null,
      risk: call.tool?.risk ?? null,
      effect: decision.effect,
      shadow_effect: decision.shadow?.effect ?? null,
      code: decision.code,
      rule: first?.rule ?? null,
      // A reason of the enforcement point's own, such as a missing grant, stands in no document: line 0 of ''.
      line: first?.line || null,
      policy: first?.policy || null,
      message: decision.message === '' ? null : bounded(maskSecrets(decision.message), MAX_TEXT),
      reasons: decision.reasons.map(reason => withoutArguments(reason, kept, masked?.maskedPaths ?? [])),
      obligations: decision.obligations as unknown as JsonValue[],
      revision: call.revision,
      definition_digest: call.definitionDigest,
      arguments: masked?.arguments ?? null,
      masked_paths: masked?.maskedPaths ?? [],
      argument_digest: args && argumentDigest(this.digestKey, args),
      request_id: call.requestId === null ? null : bounded(String(call.requestId), 256),
      trace_id: call.traceId,
      decided_in_us: call.decidedInUs,
    }
  }
}

/** The spool's line, and the digest for the chain, which covers what is stored: with escapes it is taken from the line. */
function lineOf(record: DecisionRecord | OutcomeRecord): { text: string; digest?: string } {
  const { text, isAsItWas } = storable(record)
  return isAsItWas ? { text, digest: sha256(canonicalOf(record as unknown as JsonObject)) } : { text }
}

/** A reason names the values its conditions met; those of arguments are masked as the arguments are. */
function withoutArguments(reason: Reason, kept: EnforcedServer['argumentsKept'], maskedPaths: string[]): JsonValue {
  const conditions = reason.conditions?.map((condition): ConditionReason => {
    if (condition.was === undefined || !condition.path.startsWith('args.')) return condition
    const isGone = kept === 'none' || kept === 'keys' || isMaskedAt(condition.path, maskedPaths)
    return { ...condition, was: isGone ? MASK : condition.was }
  })
  return { ...reason, ...(conditions ? { conditions } : {}) } as unknown as JsonValue
}

function bounded(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
