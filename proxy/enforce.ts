import type { DirectoryIdentity } from '@/lib/identity/model'
import { type Call, type JsonObject, kindOfName } from '@/lib/policy'
import { type CallDecision, refusedBy } from './call-decision'
import type { CallOutcome, DecisionWriter, RecordedCall, RecordId } from './decision-writer'
import { type Denial, denialOf } from './denial'
import { refuseEchoedMask } from './echoed-mask'
import type { EnforcedServer, Enforcement } from './enforcement'
import { evaluateCall, fulfil, judgeDefinition, refuseUngranted, type Subject } from './judge'
import type { Held, Limits } from './limits'
import type { Metrics } from './metrics'
import type { CallSpan, TraceContext, Tracing } from './tracing'
import { type Entry, UnderWay } from './under-way'

/** Who asks, through which session if any, of which server. */
export interface Caller {
  readonly identity: DirectoryIdentity
  /** null where callers need no key. */
  readonly keyPrefix: string | null
  /** null where the protocol has no sessions. */
  readonly sessionId: string | null
  readonly clientName: string | null
  readonly clientVersion: string | null
  /** Slug. */
  readonly server: string
  /** Of MCP, once it is settled. */
  readonly protocolVersion?: () => string | null
  /** Digest of the definition that the upstream gave this session for a tool; null when it lists none. */
  readonly seenDigest: (tool: string) => Promise<string | null>
}

/** One request, read strictly. */
export interface Asked {
  readonly method: string
  /** What is judged: a tool's name, or `resources/<uri>`, `prompts/<name>`, `server/<method>`. */
  readonly name: string
  readonly args: JsonObject
  readonly requestId: string | number
  readonly traceId: string | null
  /** Of the message, whose `_meta` may name a trace to go on from. */
  readonly params?: JsonObject | undefined
  /** `performance.now()` when the message was read. */
  readonly readAt: number
}

export interface Forwarded<Answer> {
  readonly answer: Answer
  readonly outcome: CallOutcome
  /** The upstream answered with a JSON-RPC error, or got nothing: what was reserved is given back. */
  readonly isRefundable: boolean
}

/** @param trace that the message goes on in; null: as it came */
export type Forward<Answer> = (trace: TraceContext | null) => Promise<Forwarded<Answer>>

export type Enforced<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly denial: Denial }

interface Decided {
  readonly subject: Subject | null
  readonly decision: CallDecision
  /** Limits taken, to be given back when the call comes to nothing. */
  readonly held: Held | null
  readonly digest: string | null
}

/** The enforcement point: what happens to a call (DESIGN §5, steps 3 to 9). */
export class Enforcer {
  readonly #underWay = new UnderWay()

  constructor(
    private readonly enforcement: () => Enforcement | null,
    private readonly limits: Limits,
    private readonly writer: DecisionWriter,
    private readonly metrics: Pick<Metrics, 'decided' | 'refundFailed'>,
    private readonly tracing: Tracing | null = null,
  ) {}

  /** @param forward sends the call upstream; it resolves whatever becomes of it, and never rejects */
  enforce<Answer>(caller: Caller, asked: Asked, forward: Forward<Answer>): Promise<Enforced<Answer>> {
    if (this.tracing === null) return this.#enforce(caller, asked, forward, null)
    return this.#enforceTraced(this.tracing, caller, asked, forward)
  }

  async #enforceTraced<Answer>(
    tracing: Tracing,
    caller: Caller,
    asked: Asked,
    forward: Forward<Answer>,
  ): Promise<Enforced<Answer>> {
    const span = tracing.begin(caller, asked)
    try {
      return await this.#enforce(caller, { ...asked, traceId: span.traceId }, forward, span)
    } finally {
      span.end()
    }
  }

  async #enforce<Answer>(
    caller: Caller,
    asked: Asked,
    forward: Forward<Answer>,
    span: CallSpan | null,
  ): Promise<Enforced<Answer>> {
    const { leave, problem } = this.#enter(caller, asked)
    try {
      const recordId = this.writer.newId()
      const { subject, decision, held, digest } = leave
        ? await this.#decide(caller, asked, recordId.atMs)
        : overloaded(this.#subject(caller, asked, recordId.atMs), problem)
      const call = recordedCall(caller, asked, subject, digest)
      const standing = await this.#record(recordId, call, decision, held)
      this.metrics.decided(standing, performance.now() - asked.readAt)
      span?.decided(standing, recordId.id, call.revision)
      if (standing.effect !== 'allow')
        return { kind: 'refused', denial: denialOf(standing, recordId.id, asked, call.revision) }
      const send = span ? inSpan(span, forward, subject?.server) : forward
      return { kind: 'answered', answer: await this.#forward(recordId, held, send) }
    } finally {
      leave?.()
    }
  }

  /** Begins no more calls; those under way go on. */
  drain(): void {
    this.#underWay.drain()
  }

  /** A message that cannot be judged is refused and recorded like a call. `about` says what is known of it. */
  async refuse(call: RecordedCall, decision: CallDecision): Promise<Denial> {
    const recordId = this.writer.newId()
    const standing = await this.#record(recordId, call, decision, null)
    this.metrics.decided(standing)
    return denialOf(standing, recordId.id, call, call.revision)
  }

  /** Steps 3 to 6: grant, definition, evaluation, obligations. */
  async #decide(caller: Caller, asked: Asked, at: number): Promise<Decided> {
    const subject = this.#subject(caller, asked, at)
    if (!subject) return { subject, decision: noPolicy(), held: null, digest: null }
    const ungranted = refuseUngranted(subject)
    if (ungranted) return { subject, decision: ungranted, held: null, digest: null }
    const { refusal, warning, digest } = await judgeDefinition(subject)
    // A server may take long to tell its definitions; what was published or revoked meanwhile counts.
    if (this.enforcement() !== subject.enforcement) return this.#decide(caller, asked, at)
    const refused = refusal ?? refuseEchoedMask(asked.args)
    if (refused) return { subject, decision: refused, held: null, digest }
    const evaluated = await evaluateCall(subject, this.limits)
    const { decision, held } = await fulfil(evaluated, this.limits, at)
    const reasons = warning ? [...decision.reasons, warning] : decision.reasons
    return { subject, decision: { ...decision, reasons }, held, digest }
  }

  /** Step 7. What cannot be recorded is not forwarded; a denial stays one, and the gap is counted. */
  async #record(id: RecordId, call: RecordedCall, decision: CallDecision, held: Held | null): Promise<CallDecision> {
    try {
      await this.writer.record(id, call, decision)
      return decision
    } catch {
      this.writer.auditGap += 1
      if (decision.effect !== 'allow') return decision
      await this.#refund(held)
      return refusedBy('(record)', 'audit_unavailable', 'The decision could not be recorded, so the call was not made.')
    }
  }

  /** Steps 8 and 9. Neither looks at the client's connection: a disconnect skips nothing. */
  async #forward<Answer>(id: RecordId, held: Held | null, forward: Forward<Answer>): Promise<Answer> {
    const startedAt = performance.now()
    const { answer, outcome, isRefundable } = await forward(null)
    this.writer.recordOutcome(id, { durationMs: performance.now() - startedAt, ...outcome })
    if (isRefundable) void this.#refund(held)
    return answer
  }

  async #refund(held: Held | null): Promise<void> {
    // Out of reach, the amount stays spent: limits err on the strict side.
    if (held) await this.limits.refund(held, Date.now()).catch(() => this.metrics.refundFailed())
  }

  #subject(caller: Caller, asked: Asked, at: number): Subject | null {
    const enforcement = this.enforcement()
    const server = enforcement?.servers.get(caller.server)
    if (!enforcement || !server) return null
    const tool = asked.method === 'tools/call' ? (server.tools.get(asked.name) ?? null) : null
    const { id, name, kind, labels } = caller.identity
    const call: Call = {
      method: asked.method,
      tool: {
        name: asked.name,
        ...(tool ? { category: tool.category, risk: tool.risk } : {}),
        ...(tool?.pinned?.annotations ? { annotations: tool.pinned.annotations } : {}),
      },
      args: asked.args,
      identity: { id, name, kind, labels, groups: [] },
      session: caller.sessionId === null ? null : { id: caller.sessionId },
      server: { name: server.slug },
      at,
      definition: tool?.pinned ?? null,
    }
    return { enforcement, server, identityId: id, call, tool, seenDigest: () => caller.seenDigest(asked.name) }
  }

  #enter({ identity, sessionId, server }: Caller, { name }: Asked): Entry {
    if (kindOfName(name) !== 'server') return this.#underWay.enterCall(identity.id)
    // A session may be with several servers, and none may use up what the others may ask.
    return this.#underWay.enterAsked(`${sessionId ?? `of ${identity.id}`} ${server}`)
  }
}

/** The same, as a span of its own within the call's. */
function inSpan<Answer>(span: CallSpan, forward: Forward<Answer>, server: EnforcedServer | undefined): Forward<Answer> {
  return async () => {
    const forwarded = await forward(span.forwarding(server))
    span.answered(forwarded.outcome)
    return forwarded
  }
}

function recordedCall(caller: Caller, asked: Asked, subject: Subject | null, digest: string | null): RecordedCall {
  return {
    caller: {
      identityId: caller.identity.id,
      identity: caller.identity.name,
      keyPrefix: caller.keyPrefix,
      session: caller.sessionId,
      clientName: caller.clientName,
      clientVersion: caller.clientVersion,
    },
    server: caller.server,
    method: asked.method,
    name: asked.name,
    args: asked.args,
    requestId: asked.requestId,
    traceId: asked.traceId,
    serverSettings: subject?.server ?? null,
    tool: subject?.tool ?? null,
    definition: subject?.tool?.pinned ?? null,
    definitionDigest: digest,
    revision: subject?.enforcement.revision ?? null,
    decidedInUs: Math.round((performance.now() - asked.readAt) * 1000),
  }
}

function noPolicy(): CallDecision {
  return refusedBy('(no policy)', 'no_policy', 'No policy is in force for this server.')
}

function overloaded(subject: Subject | null, message: string): Decided {
  return { subject, decision: refusedBy('(overload)', 'overloaded', message), held: null, digest: null }
}
