import { isJsonObject, type JsonObject } from '@/lib/policy'
import type { Asked, Forwarded } from '../asked'
import { filterList, sightOf } from './listing'
import { errorMessage, resultMessage } from './messages'
import type { Answer, ModernExchange } from './modern-exchange'
import { finishWith, knownOf, type ModernParts, recordedCaller, refuseInput, refuseMalformed } from './modern-parts'
import { asDiscovered, asFiltered, asPrivate, denialMessage, emptyDiscovery } from './modern-results'
import { answerModernTask, laterEnding } from './modern-tasks'
import { forwardedOf } from './outcomes'
import { type ListKind, type Route, routeOf } from './requests'
import { inTrace, traceOf } from './trace-context'

/** Of the older protocol only. */
const REMOVED = new Set([
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
  'tasks/list',
  'tasks/result',
])

export function modernRoute(method: string, params: JsonObject | undefined): Route {
  if (REMOVED.has(method)) return { kind: 'unknown' }
  return routeOf(method, params)
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
    case 'task':
      return answerModernTask(parts, exchange, headers, route.taskId, readAt)
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

async function discover(exchange: ModernExchange, headers: Readonly<Record<string, string>>): Promise<void> {
  const { id } = exchange.message
  if (!exchange.way) return exchange.finish(resultMessage(id, emptyDiscovery(exchange.ask.server.slug)))
  finishWith(exchange, await exchange.send(headers), asDiscovered)
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
  const answer = await exchange.send(headers)
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
    const answer = await exchange.send(headers, sent)
    return { ...forwardedOf(id, answer.reply), answer, later: laterEnding(parts, exchange, asked.name, answer) }
  })
  if (enforced.kind === 'refused') return exchange.finish(denialMessage(id, method, enforced.denial, asked.name))
  const { answer } = enforced
  const result = answer.reply.kind === 'response' ? answer.reply.message.body.result : undefined
  const refused = isJsonObject(result) ? await refuseInput(parts, exchange, result, sent) : null
  if (refused) return exchange.finish(denialMessage(id, method, refused.denial, refused.name))
  finishWith(exchange, answer, method === 'resources/read' ? asPrivate : null)
}
