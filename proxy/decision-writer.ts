import { canonicalText } from '@/lib/audit/canonical-text'
import { argumentDigest, maskArguments } from '@/lib/audit/masking'
import { type OutcomeKind, type OutcomeRecord, RECORD_VERSION } from '@/lib/audit/model'
import { uuidv7 } from '@/lib/db/uuid'
import type { JsonObject, ToolDefinition } from '@/lib/policy'
import type { CallDecision } from './call-decision'
import type { EnforcedServer, EnforcedTool } from './enforcement'
import { Gathering } from './gathering'
import { fixedMembers, maskedText, requestIdText } from './record-members'
import { RecordPatterns, type Varying } from './record-pattern'
import { digested, outcomeText, recordText } from './record-text'
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

const MAX_BACKLOG = 10_000
const RETRY_MS = 1_000

/** Makes records of decisions and outcomes and puts them into the spool. */
export class DecisionWriter {
  /** Records that could not be spooled although the answer stood: denials, and outcomes past the backlog. */
  auditGap = 0
  readonly #backlog: { record: OutcomeRecord; id: string }[] = []
  readonly #patterns = new RecordPatterns()
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
      error: outcome.error === undefined ? null : maskedText(outcome.error),
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
    const varying = this.#varying(recordId, call, decision, argumentsText)
    const fixed = () => fixedMembers(this.proxy, call, decision, varying.masked_paths)
    const plainText = varying.arguments === call.args ? argumentsText : undefined
    const alike = plainText && this.#patterns.find(call, decision, fixed)?.write(varying, plainText)
    const { text, digest } = alike ? digested(alike) : recordText({ ...varying, ...fixed() }, plainText)
    const about = { id: recordId.id, time: recordId.time, identityId: call.caller.identityId }
    return this.spool.append(decision.effect === 'allow' ? 'a' : 'd', text, about, digest)
  }

  #appendOutcome(entry: { record: OutcomeRecord; id: string }): void {
    const time = entry.record.decision_time
    const { text, digest } = outcomeText(entry.record)
    this.spool.append('o', text, { id: entry.id, time }, digest).catch(() => {
      if (this.#backlog.length >= MAX_BACKLOG) this.auditGap += 1
      else this.#backlog.push(entry)
      this.#retry ??= setTimeout(() => {
        this.#retry = null
        for (const waiting of this.#backlog.splice(0)) this.#appendOutcome(waiting)
      }, RETRY_MS)
    })
  }

  #varying(
    { id, time }: RecordId,
    call: RecordedCall,
    { obligations }: CallDecision,
    argumentsText: string | undefined,
  ): Varying {
    const { args } = call
    const redact: string[] = []
    for (const item of obligations) if (item.kind === 'redact') redact.push(...item.paths)
    const kept = call.serverSettings?.argumentsKept ?? 'masked'
    const rules = { kept, redact, inputSchema: call.definition?.inputSchema }
    const shown = args && maskArguments(args, rules, argumentsText)
    return {
      id,
      time,
      arguments: shown?.arguments ?? null,
      masked_paths: shown?.maskedPaths ?? [],
      argument_digest: args && argumentDigest(this.digestKey, args, argumentsText),
      request_id: requestIdText(call.requestId),
      trace_id: call.traceId,
      decided_in_us: call.decidedInUs,
    }
  }
}

let latest = { atMs: 0, text: '' }

/** RFC 3339 with milliseconds. Many records are of one millisecond. */
function isoOf(atMs: number): string {
  if (latest.atMs !== atMs) latest = { atMs, text: new Date(atMs).toISOString() }
  return latest.text
}
