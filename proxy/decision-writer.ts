import { canonicalText } from '@/lib/audit/canonical-text'
import { argumentDigest, isMaskedAt, maskArguments, maskValue } from '@/lib/audit/masking'
import { type DecisionRecord, type OutcomeKind, type OutcomeRecord, RECORD_VERSION } from '@/lib/audit/model'
import { MASK, maskSecrets } from '@/lib/audit/secret-shapes'
import { uuidv7 } from '@/lib/db/uuid'
import type { ConditionReason, JsonObject, JsonValue, Reason, ToolDefinition } from '@/lib/policy'
import type { CallDecision } from './call-decision'
import type { EnforcedServer, EnforcedTool } from './enforcement'
import { Gathering } from './gathering'
import { recordText } from './record-text'
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

interface Unwritten {
  readonly recordId: RecordId
  readonly call: RecordedCall
  readonly decision: CallDecision
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Names a record: its id and the time inside it, as Unix ms and in RFC 3339. */
export interface RecordId {
  readonly id: string
  readonly atMs: number
  readonly time: string
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
  readonly #unwritten = new Gathering<Unwritten>(unwritten => this.#write(unwritten))
  #retry: NodeJS.Timeout | null = null

  constructor(
    private readonly spool: Pick<Spool, 'append'> & Partial<Pick<Spool, 'isOverShare'>>,
    private readonly proxy: string,
    private readonly digestKey: Buffer,
  ) {}

  /** Whether the records of an identity that wait for Postgres take more room than it has. */
  isOverShare(identityId: string): boolean {
    return this.spool.isOverShare?.(identityId) ?? false
  }

  newId(): RecordId {
    const atMs = Date.now()
    return { id: uuidv7(atMs), atMs, time: isoOf(atMs) }
  }

  /** Resolves when the decision is durable. @throws when it is not: then it must not be acted on, unless it denies */
  record(recordId: RecordId, call: RecordedCall, decision: CallDecision): Promise<void> {
    return new Promise((resolve, reject) => this.#unwritten.add({ recordId, call, decision, resolve, reject }))
  }

  /** Records what became of a forwarded call. Never throws; a disk that fails for a while is tried again. */
  recordOutcome({ id, time }: RecordId, outcome: CallOutcome): void {
    const record: OutcomeRecord = {
      decision_id: id,
      decision_time: time,
      record_version: RECORD_VERSION,
      kind: outcome.kind,
      is_error: outcome.isError ?? false,
      status: outcome.status ?? null,
      duration_ms: outcome.durationMs === undefined ? null : Math.round(outcome.durationMs * 1000) / 1000,
      result_bytes: outcome.resultBytes ?? null,
      error: outcome.error === undefined ? null : masked(outcome.error, MAX_TEXT),
      recorded_at: isoOf(Date.now()),
    }
    this.#appendOutcome({ record, id })
  }

  close(): void {
    if (this.#retry) clearTimeout(this.#retry)
  }

  #write({ recordId, call, decision, resolve, reject }: Unwritten): void {
    try {
      this.#append(recordId, call, decision).then(resolve, reject)
    } catch (error) {
      reject(error)
    }
  }

  #append(recordId: RecordId, call: RecordedCall, decision: CallDecision): Promise<void> {
    const argumentsText = call.args === null ? undefined : canonicalText(call.args)
    const record = this.#decisionRecord(recordId, call, decision, argumentsText)
    const kind = record.effect === 'allow' ? 'a' : 'd'
    const { text, digest } = recordText(record, {
      arguments: record.arguments === call.args ? argumentsText : undefined,
      reasons: reasonsText(decision.reasons),
    })
    return this.spool.append(kind, text, { id: record.id, time: record.time, identityId: record.identity_id }, digest)
  }

  #appendOutcome(entry: { record: OutcomeRecord; id: string }): void {
    const time = entry.record.decision_time
    const { text, digest } = recordText(entry.record)
    this.spool.append('o', text, { id: entry.id, time }, digest).catch(() => {
      if (this.#backlog.length >= MAX_BACKLOG) this.auditGap += 1
      else this.#backlog.push(entry)
      this.#retry ??= setTimeout(() => {
        this.#retry = null
        for (const waiting of this.#backlog.splice(0)) this.#appendOutcome(waiting)
      }, RETRY_MS)
    })
  }

  #decisionRecord(
    { id, time }: RecordId,
    call: RecordedCall,
    decision: CallDecision,
    argumentsText: string | undefined,
  ): DecisionRecord {
    const { caller, serverSettings, args } = call
    const kept = serverSettings?.argumentsKept ?? 'masked'
    const redact = decision.obligations.flatMap(item => (item.kind === 'redact' ? item.paths : []))
    const rules = { kept, redact, inputSchema: call.definition?.inputSchema }
    const shown = args && maskArguments(args, rules, argumentsText)
    const first = decision.reasons[0]
    return {
      id,
      time,
      record_version: RECORD_VERSION,
      proxy: this.proxy,
      identity_id: caller.identityId,
      identity: caller.identity,
      key_prefix: caller.keyPrefix,
      session: caller.session && masked(caller.session, 256),
      client_name: caller.clientName && masked(caller.clientName, 200),
      client_version: caller.clientVersion && masked(caller.clientVersion, 100),
      server: call.server,
      method: masked(call.method, 128),
      tool: call.name === null ? null : masked(call.name, MAX_NAME),
      category: call.tool?.category ?? null,
      risk: call.tool?.risk ?? null,
      effect: decision.effect,
      shadow_effect: decision.shadow?.effect ?? null,
      code: decision.code,
      rule: first?.rule ?? null,
      // A reason of the enforcement point's own, such as a missing grant, stands in no document: line 0 of ''.
      line: first?.line || null,
      policy: first?.policy || null,
      message: decision.message === '' ? null : masked(decision.message, MAX_TEXT),
      reasons: decision.reasons.map(reason => withoutArguments(reason, kept, shown?.maskedPaths ?? [])),
      obligations: decision.obligations as unknown as JsonValue[],
      revision: call.revision,
      definition_digest: call.definitionDigest,
      arguments: shown?.arguments ?? null,
      masked_paths: shown?.maskedPaths ?? [],
      argument_digest: args && argumentDigest(this.digestKey, args, argumentsText),
      request_id: requestIdText(call.requestId),
      trace_id: call.traceId,
      decided_in_us: call.decidedInUs,
    }
  }
}

/** A reason names the values its conditions met; those of arguments are masked as the arguments are. */
function withoutArguments(reason: Reason, kept: EnforcedServer['argumentsKept'], maskedPaths: string[]): JsonValue {
  if (!reason.conditions) return maskedReason(reason).value
  const conditions = reason.conditions.map((condition): ConditionReason => {
    if (condition.was === undefined || !condition.path.startsWith('args.')) return condition
    const isGone = kept === 'none' || kept === 'keys' || isMaskedAt(condition.path, maskedPaths)
    return { ...condition, was: isGone ? MASK : condition.was }
  })
  return maskValue({ ...reason, conditions } as unknown as JsonValue)
}

/** Masked before it is cut, since half a secret has no shape any more. */
function masked(text: string, length: number): string {
  const safe = maskSecrets(text)
  return safe.length <= length ? safe : `${safe.slice(0, length - 1)}…`
}

interface MaskedReason {
  readonly value: JsonValue
  /** Its canonical form; undefined where that takes more care. */
  readonly text: string | undefined
}

const maskedReasons = new WeakMap<Reason, MaskedReason>()

/** What opened a call is the same object from call to call, so that it is looked through and written once. */
function maskedReason(reason: Reason): MaskedReason {
  const known = maskedReasons.get(reason)
  if (known !== undefined) return known
  const value = maskValue(reason as unknown as JsonValue)
  const masked = { value, text: canonicalText(value) }
  maskedReasons.set(reason, masked)
  return masked
}

/** The canonical form of a record's reasons, where each was written before. */
function reasonsText(reasons: readonly Reason[]): string | undefined {
  const texts: string[] = []
  for (const reason of reasons) {
    const text = reason.conditions ? undefined : maskedReason(reason).text
    if (text === undefined) return undefined
    texts.push(text)
  }
  return `[${texts.join(',')}]`
}

function requestIdText(id: string | number | null): string | null {
  return typeof id === 'string' ? masked(id, 256) : id === null ? null : String(id)
}

let latest = { atMs: 0, text: '' }

/** RFC 3339 with milliseconds. Many records are of one millisecond. */
function isoOf(atMs: number): string {
  if (latest.atMs !== atMs) latest = { atMs, text: new Date(atMs).toISOString() }
  return latest.text
}
