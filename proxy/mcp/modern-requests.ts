import { isJsonObject, type JsonObject } from '@/lib/policy'
import type { RecordedCaller } from '../decision-writer'
import type { Denial } from '../denial'
import type { Asked, Enforcer, Forwarded } from '../enforce'
import type { Enforcement } from '../enforcement'
import type { Refusals } from '../refusals'
import { filterList, sightOf } from './listing'
import { errorMessage, type RequestMessage, resultMessage } from './messages'
import type { Answer, ModernExchange } from './modern-exchange'
import {
  asDiscovered,
  asFiltered,
  asPrivate,
  denialMessage,
  emptyDiscovery,
  failureMessage,
  withoutTasks,
} from './modern-results'
import { META, metaOf } from './modern-version'
import { forwardedOf } from './outcomes'
import { type ListKind, type Route, routeOf } from './requests'
import { inTrace, traceOf } from './trace-context'

/** What of the proxy the requests of the stateless protocol touch. */
export interface ModernParts {
  readonly enforcer: Enforcer
  readonly refusals: Refusals
  readonly enforcement: () => Enforcement | null
}

/** Of the older protocol only. */
const REMOVED = new Set(['ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'])
const MAX_INPUT_REQUESTS = 32

export function modernRoute(method: string, params: JsonObject | undefined): Route {
  return REMOVED.has(method) ? { kind: 'unknown' } : routeOf(method, params)
}

/** Answers one request, but for a subscription, on its own stream. @param headers that agree with its body */
export async function answerModern(
  parts: ModernParts,
  exchange: ModernExchange,
  headers: Readonly<Record<string, string>>,
  readAt: number,
): Promise<void> {
  const { message } = exchange
  const { id, method, params } = message
  if (method === 'server/discover') return discover(exchange, headers)
  const route = modernRoute(method, params)
  switch (route.kind) {
    case 'list':
      return list(parts, exchange, headers, route.list)
    case 'judged': {
      const asked = {
        method,
        name: route.name,
        args: route.args,
        requestId: id,
        traceId: traceOf(params),
        params,
        readAt,
      }
      return judge(parts, exchange, headers, asked)
    }
    case 'malformed': {
      const denial = await refuseMalformed(parts, exchange, route.problem)
      const refused = denialMessage(id, method, denial, null)
      const error = refused.error
      return exchange.finish(isJsonObject(error) ? { ...refused, error: { ...error, code: -32_602 } } : refused)
    }
    default:
      await parts.refusals.unknownMethod(recordedCaller(exchange), exchange.ask.server.slug, knownOf(message))
      return exchange.finish(errorMessage(id, { code: -32_601, message: 'Method not found' }), 404)
  }
}

/** Records a request that cannot be judged. */
export function refuseMalformed({ refusals }: ModernParts, exchange: ModernExchange, problem: string): Promise<Denial> {
  const caller = recordedCaller(exchange)
  return refusals.malformed(caller, exchange.ask.server.slug, knownOf(exchange.message), problem)
}

async function discover(exchange: ModernExchange, headers: Readonly<Record<string, string>>): Promise<void> {
  const { id } = exchange.message
  if (!exchange.way) return exchange.finish(resultMessage(id, emptyDiscovery(exchange.ask.server.slug)))
  finishWith(exchange, await exchange.send(headers, carried(exchange.message)), asDiscovered)
}

async function list(
  parts: ModernParts,
  exchange: ModernExchange,
  headers: Readonly<Record<string, string>>,
  kind: ListKind,
): Promise<void> {
  const { message, way, ask } = exchange
  const { id, params } = message
  if (!way) return exchange.finish(resultMessage(id, asFiltered({ resultType: 'complete', [kind]: [] })))
  const answer = await exchange.send(headers, carried(message))
  finishWith(exchange, answer, result => {
    const digests = kind === 'tools' ? way.definitions.observe(params?.cursor, result) : new Map<string, string>()
    const enforcement = parts.enforcement()
    const server = enforcement?.servers.get(ask.server.slug)
    if (!enforcement || !server) return asFiltered({ ...result, [kind]: [] })
    return asFiltered(filterList(kind, result, sightOf(enforcement, server, ask.key.identityId), digests))
  })
}

async function judge(
  parts: ModernParts,
  exchange: ModernExchange,
  headers: Readonly<Record<string, string>>,
  asked: Asked,
): Promise<void> {
  const { id, method } = exchange.message
  let sent = exchange.message
  const enforced = await parts.enforcer.enforce(exchange.caller, asked, async (trace): Promise<Forwarded<Answer>> => {
    sent = inTrace(exchange.message, trace)
    const answer = await exchange.send(headers, carried(sent))
    return { ...forwardedOf(id, answer.reply), answer }
  })
  if (enforced.kind === 'refused') return exchange.finish(denialMessage(id, method, enforced.denial, asked.name))
  const { answer } = enforced
  const result = answer.reply.kind === 'response' ? answer.reply.message.body.result : undefined
  const refused = isJsonObject(result) ? await refuseInput(parts, exchange, result, sent) : null
  if (refused) return exchange.finish(denialMessage(id, method, refused.denial, refused.name))
  finishWith(exchange, answer, method === 'resources/read' ? asPrivate : null)
}

/**
 * What a server wants of its client comes inside an answer here (`input_required`). Each is judged as `server/<method>`, as
 * it is where servers ask by themselves; one that is refused refuses the whole, since the server asks for all or nothing.
 */
async function refuseInput(
  parts: ModernParts,
  exchange: ModernExchange,
  { resultType, inputRequests }: JsonObject,
  { id: requestId, params: carrier }: RequestMessage,
): Promise<{ denial: Denial; name: string } | null> {
  if (resultType !== 'input_required' || inputRequests === undefined) return null
  const wanted = isJsonObject(inputRequests) ? Object.values(inputRequests) : []
  if (!isJsonObject(inputRequests) || wanted.length > MAX_INPUT_REQUESTS)
    return { denial: await refuseMalformed(parts, exchange, UNREADABLE_INPUT), name: 'server/' }
  for (const one of wanted) {
    const { method, params } = isJsonObject(one) ? one : {}
    if (typeof method !== 'string' || method === '' || (params !== undefined && !isJsonObject(params)))
      return { denial: await refuseMalformed(parts, exchange, UNREADABLE_INPUT), name: 'server/' }
    const name = `server/${method}`
    const [traceId, readAt] = [traceOf(carrier), performance.now()]
    const asked = { method, name, args: params ?? {}, requestId, traceId, params: carrier, readAt }
    const enforced = await parts.enforcer.enforce(exchange.caller, asked, async () => HANDED_OVER)
    if (enforced.kind === 'refused') return { denial: enforced.denial, name }
  }
  return null
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

/** The request without the offer of what is not carried; all else stays as it was judged. */
export function carried(message: RequestMessage): RequestMessage {
  const meta = metaOf(message.params)
  const offered = meta?.[META.capabilities]
  if (!isJsonObject(offered) || withoutTasks(offered) === offered) return message
  const params = { ...message.params, _meta: { ...meta, [META.capabilities]: withoutTasks(offered) } }
  return { ...message, params, body: { ...message.body, params } }
}

function knownOf({ id, method, params }: RequestMessage) {
  return { method, params: params ?? null, requestId: id }
}

function recordedCaller({ caller }: ModernExchange): RecordedCaller {
  const { identity, keyPrefix, clientName, clientVersion } = caller
  return { identityId: identity.id, identity: identity.name, keyPrefix, session: null, clientName, clientVersion }
}
