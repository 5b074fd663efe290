import { type Call, kindOfName } from '@/lib/policy'
import type { Asked, CallEnding, Caller, Enforced, Forward } from './asked'
import { type CallDecision, followingCall, refusedBy } from './call-decision'
import type { DecisionWriter, RecordedCall, RecordId } from './decision-writer'
import { type Denial, denialOf, denialOfCounted } from './denial'
import { refuseEchoedMask } from './echoed-mask'
import type { EnforcedServer, Enforcement } from './enforcement'
import { type Flood, Floods } from './floods'
import { type DefinitionFinding, evaluateCall, fulfil, judgeDefinition, refuseUngranted, type Subject } from './judge'
import type { Held, Limits } from './limits'
import type { Metrics } from './metrics'
import { recordedCall } from './recorded-call'
import type { CallSpan, Tracing } from './tracing'
import { type Entry, UnderWay } from './under-way'
import { type Soon, when } from './when'

/** A refusal as it would be recorded. */
interface Refused {
  readonly call: RecordedCall
  readonly decision: CallDecision
}

interface Decided {
  readonly subject: Subject | null
  readonly decision: CallDecision
  /** Limits taken, to be given back when the call comes to nothing. */
  readonly held: Held | null
  readonly digest: string | null
}

const OVER_SHARE = 'Too many of your records wait to be stored. Try again later.'

/** The enforcement point: what happens to a call (DESIGN §5, steps 3 to 9). */
export class Enforcer {
  readonly #underWay = new UnderWay()
  /** Refused requests of servers, which these can make without end, and of identities that used up their share. */
  readonly #floods = new Floods<Refused>()

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
      const deciding = leave
        ? this.#decide(caller, asked, recordId.atMs)
        : overloaded(this.#subject(caller, asked, recordId.atMs), problem)
      const { subject, decision, held, digest } = deciding instanceof Promise ? await deciding : deciding
      const call = recordedCall(caller, asked, subject, digest)
      if (decision.effect !== 'allow' && this.#isFlood(caller, { call, decision }))
        return { kind: 'refused', denial: denialOfCounted(decision, asked) }
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

  /** What follows a call that was allowed, say its cancellation: not judged again, and recorded as a call is. */
  async follow<Answer>(caller: Caller, asked: Asked, forward: Forward<Answer>): Promise<Enforced<Answer>> {
    const recordId = this.writer.newId()
    const call = recordedCall(caller, asked, this.#subject(caller, asked, recordId.atMs), null)
    const standing = await this.#record(recordId, call, followingCall(), null)
    this.metrics.decided(standing, performance.now() - asked.readAt)
    if (standing.effect === 'allow') return { kind: 'answered', answer: await this.#forward(recordId, null, forward) }
    return { kind: 'refused', denial: denialOf(standing, recordId.id, asked, call.revision) }
  }

  /** Records how many requests were refused beyond those that were recorded singly. */
  recordFloods(): void {
    for (const flood of this.#floods.take()) void this.#recordFlood(flood)
  }

  /** A message that cannot be judged is refused and recorded like a call. `about` says what is known of it. */
  async refuse(call: RecordedCall, decision: CallDecision): Promise<Denial> {
    const { identityId } = call.caller
    const isFlood = identityId !== null && this.writer.isOverShare(identityId)
    if (isFlood && this.#isCounted(identityId, { call, decision })) return denialOfCounted(decision, call)
    return this.#refuse(call, decision)
  }

  async #refuse(call: RecordedCall, decision: CallDecision): Promise<Denial> {
    const recordId = this.writer.newId()
    const standing = await this.#record(recordId, call, decision, null)
    this.metrics.decided(standing)
    return denialOf(standing, recordId.id, call, call.revision)
  }

  /** Steps 3 to 6: grant, definition, evaluation, obligations. */
  #decide(caller: Caller, asked: Asked, at: number): Soon<Decided> {
    const subject = this.#subject(caller, asked, at)
    if (!subject) return { subject, decision: noPolicy(), held: null, digest: null }
    const ungranted = refuseUngranted(subject)
    if (ungranted) return { subject, decision: ungranted, held: null, digest: null }
    return when(judgeDefinition(subject), found => this.#judge(caller, asked, subject, found))
  }

  /** Steps 4 to 6. */
  #judge(caller: Caller, asked: Asked, subject: Subject, found: DefinitionFinding): Soon<Decided> {
    const { refusal, warning, digest } = found
    const { at } = subject.call
    // A server may take long to tell its definitions; what was published or revoked meanwhile counts.
    if (this.enforcement() !== subject.enforcement) return this.#decide(caller, asked, at)
    const refused = refusal ?? refuseEchoedMask(asked.args)
    if (refused) return { subject, decision: refused, held: null, digest }
    const evaluated = evaluateCall(subject, this.limits)
    const fulfilment = when(evaluated, decision => fulfil(decision, this.limits, at))
    return when(fulfilment, ({ decision, held }) => {
      const reasons = warning ? [...decision.reasons, warning] : decision.reasons
      return { subject, decision: { ...decision, reasons }, held, digest }
    })
  }

  /** Step 7. What cannot be recorded is not forwarded; a denial stays one, and the gap is counted. */
  #record(id: RecordId, call: RecordedCall, decision: CallDecision, held: Held | null): Promise<CallDecision> {
    const failed = () => this.#unrecorded(decision, held)
    try {
      return this.writer.record(id, call, decision).then(() => decision, failed)
    } catch {
      return failed()
    }
  }

  async #unrecorded(decision: CallDecision, held: Held | null): Promise<CallDecision> {
    this.writer.auditGap += 1
    if (decision.effect !== 'allow') return decision
    await this.#refund(held)
    return refusedBy('(record)', 'audit_unavailable', 'The decision could not be recorded, so the call was not made.')
  }

  /** Steps 8 and 9. Neither looks at the client's connection: a disconnect skips nothing. */
  #forward<Answer>(id: RecordId, held: Held | null, forward: Forward<Answer>): Promise<Answer> {
    const startedAt = performance.now()
    const settle = ({ outcome, isRefundable }: CallEnding) => {
      this.writer.recordOutcome(id, { durationMs: performance.now() - startedAt, ...outcome })
      if (isRefundable) void this.#refund(held)
    }
    return forward(null).then(forwarded => {
      if (forwarded.later) void forwarded.later.then(settle)
      else settle(forwarded)
      return forwarded.answer
    })
  }

  #isFlood(caller: Caller, refused: Refused): boolean {
    const isOfServer = kindOfName(refused.call.name ?? '') === 'server'
    if (isOfServer) return this.#isCounted(`${caller.identity.id} ${caller.server}`, refused)
    return this.writer.isOverShare(caller.identity.id) && this.#isCounted(caller.identity.id, refused)
  }

  #isCounted(source: string, refused: Refused): boolean {
    if (this.#floods.isFull(source)) this.recordFloods()
    if (this.#floods.admit(source, refused)) return false
    this.metrics.decided(refused.decision)
    return true
  }

  #recordFlood({ rest, what: { call, decision } }: Flood<Refused>): Promise<Denial> {
    const message = `${rest} more requests were refused within a minute; the last was ${call.method}.`
    return this.#refuse({ ...call, args: null }, { ...refusedBy('(flood)', decision.code ?? 'policy_denied', message) })
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
    const { hasDefinitions } = caller
    const seenDigest = () => caller.seenDigest(asked.name)
    return { enforcement, server, identityId: id, call, tool, seenDigest, hasDefinitions }
  }

  #enter({ identity, sessionId, server }: Caller, { name }: Asked): Entry {
    if (this.writer.isOverShare(identity.id)) return { problem: OVER_SHARE }
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

function noPolicy(): CallDecision {
  return refusedBy('(no policy)', 'no_policy', 'No policy is in force for this server.')
}

function overloaded(subject: Subject | null, message: string): Decided {
  return { subject, decision: refusedBy('(overload)', 'overloaded', message), held: null, digest: null }
}
