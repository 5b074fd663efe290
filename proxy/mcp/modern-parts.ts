import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import type { Forwarded } from '../asked'
import type { RecordedCaller } from '../decision-writer'
import type { Denial } from '../denial'
import type { Enforcer } from '../enforce'
import type { Enforcement } from '../enforcement'
import type { Refusals } from '../refusals'
import type { RequestMessage } from './messages'
import type { Answer, ModernExchange } from './modern-exchange'
import { failureMessage } from './modern-results'
import type { ModernTasks } from './modern-tasks'
import { traceOf } from './trace-context'

/** What of the proxy the requests of the stateless protocol touch. */
export interface ModernParts {
  readonly enforcer: Enforcer
  readonly tasks: ModernTasks
  readonly refusals: Refusals
  readonly enforcement: () => Enforcement | null
}

export interface RefusedInput {
  readonly denial: Denial
  readonly name: string
}

const MAX_INPUT_REQUESTS = 32

/** Records a request that cannot be judged. */
export function refuseMalformed({ refusals }: ModernParts, exchange: ModernExchange, problem: string): Promise<Denial> {
  const caller = recordedCaller(exchange)
  return refusals.malformed(caller, exchange.ask.server.slug, knownOf(exchange.message), problem)
}

/**
 * What a server wants of its client comes inside an answer here (`input_required`). Each is judged as `server/<method>`, as
 * it is where servers ask by themselves; one that is refused refuses the whole, since the server asks for all or nothing.
 */
export async function refuseInput(
  parts: ModernParts,
  exchange: ModernExchange,
  { resultType, inputRequests }: JsonObject,
  carrier: RequestMessage,
): Promise<RefusedInput | null> {
  if (resultType !== 'input_required' || inputRequests === undefined) return null
  const wanted = isJsonObject(inputRequests) ? Object.values(inputRequests) : []
  if (!isJsonObject(inputRequests) || wanted.length > MAX_INPUT_REQUESTS)
    return { denial: await refuseMalformed(parts, exchange, UNREADABLE_INPUT), name: 'server/' }
  for (const one of wanted) {
    const refused = await judgeInput(parts, exchange, one, carrier)
    if (refused) return refused
  }
  return null
}

/** Judges one request of a server that came inside an answer. @param carrier what it came in answer to */
export async function judgeInput(
  parts: ModernParts,
  exchange: ModernExchange,
  one: JsonValue,
  { id: requestId, params: carried }: RequestMessage,
): Promise<RefusedInput | null> {
  const { method, params } = isJsonObject(one) ? one : {}
  if (typeof method !== 'string' || method === '' || (params !== undefined && !isJsonObject(params)))
    return { denial: await refuseMalformed(parts, exchange, UNREADABLE_INPUT), name: 'server/' }
  const name = `server/${method}`
  const [traceId, readAt] = [traceOf(carried), performance.now()]
  const asked = { method, name, args: params ?? {}, requestId, traceId, params: carried, readAt }
  const enforced = await parts.enforcer.enforce(exchange.caller, asked, async () => HANDED_OVER)
  return enforced.kind === 'refused' ? { denial: enforced.denial, name } : null
}

/** Records a request about a task that no call of this identity has made. */
export function refuseUnknownTask(
  { refusals }: ModernParts,
  exchange: ModernExchange,
  taskId: string,
): Promise<Denial> {
  const { ask, message } = exchange
  return refusals.unknownTask(recordedCaller(exchange), ask.server.slug, knownOf(message), taskId)
}

const UNREADABLE_INPUT = 'The server asked for input in a form that cannot be judged.'
/** The client's answer comes with its next request, which names this one in no way that could be relied on. */
const HANDED_OVER: Forwarded<null> = { answer: null, outcome: { kind: 'result' }, isRefundable: false }

/** Passes an answer on; `change` is for a result. */
export function finishWith(
  exchange: ModernExchange,
  { reply, status }: Answer,
  change: ((result: JsonObject) => JsonObject) | null,
): void {
  if (reply.kind === 'failure') {
    const failure = failureMessage(exchange.message.id, reply)
    if (failure) exchange.finish(failure)
    else exchange.stream.end()
    return
  }
  const { result } = reply.message.body
  if (change && isJsonObject(result)) exchange.finish({ ...reply.message.body, result: change(result) }, status)
  else exchange.finish(reply.text, status)
}

export function knownOf({ id, method, params }: RequestMessage) {
  return { method, params: params ?? null, requestId: id }
}

export function recordedCaller({ caller }: ModernExchange): RecordedCaller {
  const { identity, keyPrefix, clientName, clientVersion } = caller
  return { identityId: identity.id, identity: identity.name, keyPrefix, session: null, clientName, clientVersion }
}
