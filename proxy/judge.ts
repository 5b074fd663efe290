import {
  type Call,
  type Counters,
  type Decision,
  evaluate,
  kindOfName,
  type LimitObligation,
  type Obligation,
  type Reason,
  type Requirements,
  rateLimited,
  refuse,
  refuseInShadow,
  requirements,
} from '@/lib/policy'
import { type CallDecision, callDecisionOf, refusedBy } from './call-decision'
import { areGranted, type EnforcedServer, type EnforcedTool, type Enforcement, grantsOf } from './enforcement'
import type { Held, Limits, Reserved } from './limits'
import { only } from './only'
import { type Soon, when } from './when'

/** One call, with what the steps of DESIGN §5 look at. */
export interface Subject {
  readonly enforcement: Enforcement
  readonly server: EnforcedServer
  readonly identityId: string
  readonly call: Call
  readonly tool: EnforcedTool | null
  /** Digest of the definition that the upstream gave this session; null when it lists no such tool. */
  readonly seenDigest: () => Soon<string | null>
  /** Whether the upstream has told its tools, once it was asked. */
  readonly hasDefinitions: () => boolean
}

/** Step 3. No live grant of this identity on this server and tool: denied. */
export function refuseUngranted({ enforcement, server, identityId, call }: Subject): CallDecision | null {
  const grants = grantsOf(enforcement, identityId, server, call.at)
  if (areGranted(grants, call.tool.name)) return null
  return refusedBy('(no grant)', 'no_grant', `No grant of this identity covers "${call.tool.name}".`)
}

export interface DefinitionFinding {
  readonly refusal: CallDecision | null
  /** A drift that the server's steward lets pass; it stands among the record's reasons. */
  readonly warning: Reason | null
  readonly digest: string | null
}

/**
 * Step 4. A tool that was never approved, or whose definition is not the approved one: denied, or noted. At once where the
 * definitions are known.
 */
export function judgeDefinition(subject: Subject): Soon<DefinitionFinding> {
  const { call, seenDigest } = subject
  if (call.method !== 'tools/call') return { refusal: null, warning: null, digest: null }
  const name = call.tool.name
  if (kindOfName(name) !== 'tool') return refusal('unknown_tool', `"${name}" is not the name of a tool.`, null)
  return when(seenDigest(), digest => judgeDigest(subject, digest))
}

function judgeDigest({ call, server, tool, hasDefinitions }: Subject, digest: string | null): DefinitionFinding {
  const name = call.tool.name
  if (digest === null && !hasDefinitions())
    return refusal('unknown_tool', `The server could not be asked for its tools, so "${name}" cannot be judged.`, null)
  if (digest === null) return refusal('unknown_tool', `The server lists no tool "${name}".`, null)
  if (!tool?.pinnedDigest) return refusal('definition_drift', `Tool "${name}" has not been approved.`, digest)
  if (digest === tool.pinnedDigest) return { refusal: null, warning: null, digest }
  const message = `The definition of tool "${name}" is not the one that was approved.`
  const drifted = refusal('definition_drift', message, digest)
  if (server.drift === 'block') return drifted
  const [reason] = drifted.refusal?.reasons ?? []
  return { refusal: null, warning: reason ? { ...reason, effect: 'allow' } : null, digest }
}

function refusal(code: 'unknown_tool' | 'definition_drift', message: string, digest: string | null): DefinitionFinding {
  return { refusal: refusedBy('(definition)', code, message), warning: null, digest }
}

/** Step 5. At once where no condition reads a counter. */
export function evaluateCall(subject: Subject, limits: Limits): Soon<Decision | CallDecision> {
  const { server, call } = subject
  const { counters } = requirements(server.policies, call)
  return counters.length > 0 ? evaluateCounted(subject, counters, limits) : evaluate(server.policies, call)
}

async function evaluateCounted(
  { server, call }: Subject,
  counters: Requirements['counters'],
  limits: Limits,
): Promise<Decision | CallDecision> {
  let used: Counters
  try {
    used = await limits.read(counters)
  } catch {
    return limitsUnavailable()
  }
  return evaluate(server.policies, call, used)
}

export interface Fulfilment {
  readonly decision: CallDecision
  /** To be given back when the call comes to nothing. */
  readonly held: Held | null
}

/**
 * Step 6. Validation is done; limits are taken together or not at all, and with an approval or not at all: nobody is asked
 * about a call that a spent limit refuses, and nothing stays taken for one that waits for an answer. At once where every
 * limit is a session's.
 */
export function fulfil(evaluated: Decision | CallDecision, limits: Limits, at: number): Soon<Fulfilment> {
  if (evaluated.effect === 'deny' || !('errors' in evaluated))
    return { decision: asCallDecision(evaluated), held: null }
  const all = only(evaluated.obligations, isLimit)
  const enforced = only(all, ({ isShadow }) => !isShadow)
  const taken = enforced.length > 0 ? reserve(limits, enforced, at) : NOTHING_TAKEN
  const isSimple = !(taken instanceof Promise) && evaluated.effect === 'allow' && enforced.length === all.length
  return isSimple ? fulfilled(evaluated, taken) : fulfilLater(evaluated, all, taken, limits, at)
}

function isLimit(obligation: Obligation): obligation is LimitObligation {
  return obligation.kind === 'limit'
}

const NOTHING_TAKEN = { ok: true, held: null } as const
type Taken = Reserved | typeof NOTHING_TAKEN

function fulfilled(evaluated: Decision, taken: Taken): Fulfilment {
  if (!taken.ok) return { decision: spent(evaluated, taken.obligation, taken.resetsAt), held: null }
  return { decision: callDecisionOf(evaluated), held: taken.held }
}

/** A store that fails does so later, whatever it does. */
function reserve(limits: Limits, enforced: readonly LimitObligation[], at: number): Soon<Reserved> {
  try {
    return limits.reserve(enforced, at)
  } catch (error) {
    return Promise.reject(error)
  }
}

async function fulfilLater(
  evaluated: Decision,
  all: readonly LimitObligation[],
  taking: Soon<Taken>,
  limits: Limits,
  at: number,
): Promise<Fulfilment> {
  let taken: Taken
  try {
    taken = await taking
    if (taken.ok && evaluated.effect === 'require_approval') {
      if (taken.held) await limits.refund(taken.held, at)
      return { decision: callDecisionOf(evaluated), held: null }
    }
  } catch {
    return { decision: limitsUnavailable(), held: null }
  }
  return fulfilled(taken.ok ? await countInShadow(evaluated, all, limits, at) : evaluated, taken)
}

function spent(evaluated: Decision, obligation: LimitObligation, resetsAt: number): CallDecision {
  const retryAfterSeconds = Math.max(1, Math.ceil((resetsAt - Date.now()) / 1000))
  return { ...callDecisionOf(refuse(evaluated, rateLimited(obligation))), retryAfterSeconds }
}

/** Limits of shadow rules count on counters of their own and refuse nothing, also when their store is away. */
async function countInShadow(
  evaluated: Decision,
  all: readonly LimitObligation[],
  limits: Limits,
  at: number,
): Promise<Decision> {
  let counted = evaluated
  for (const obligation of all) {
    if (!obligation.isShadow) continue
    const reserved = await reserveInShadow(limits, obligation, at)
    if (reserved && !reserved.ok) counted = refuseInShadow(counted, rateLimited(obligation))
  }
  return counted
}

async function reserveInShadow(limits: Limits, obligation: LimitObligation, at: number): Promise<Reserved | null> {
  try {
    return await limits.reserve([obligation], at)
  } catch {
    return null
  }
}

function asCallDecision(evaluated: Decision | CallDecision): CallDecision {
  return 'errors' in evaluated ? callDecisionOf(evaluated) : evaluated
}

function limitsUnavailable(): CallDecision {
  return refusedBy('(limits)', 'limits_unavailable', 'The store of limits does not answer. Try again later.')
}
