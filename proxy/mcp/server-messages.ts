import { isJsonObject, type JsonObject } from '@/lib/policy'
import type { Asked, Caller, Forwarded } from '../asked'
import { denialAsError } from '../denial'
import type { Enforcer } from '../enforce'
import type { Enforcement } from '../enforcement'
import type { Log } from '../log'
import type { TraceContext } from '../tracing'
import type { Downstream } from './downstream'
import { sightOf } from './listing'
import {
  errorMessage,
  frameOf,
  type NotificationMessage,
  type RequestId,
  type RequestMessage,
  resultMessage,
} from './messages'
import { forwardedOf } from './outcomes'
import type { Pending } from './pending'
import type { SessionDefinitions } from './session-definitions'
import type { SessionTasks } from './session-tasks'
import { inTrace, traceOf } from './trace-context'

/** What of a session its upstream's own messages touch. */
export interface ServerSide {
  readonly caller: Caller
  readonly pending: Pending
  readonly asked: Pending
  readonly streams: Downstream
  readonly definitions: SessionDefinitions
  readonly tasks: SessionTasks
  readonly parts: { readonly enforcer: Enforcer; readonly log: Log; readonly enforcement: () => Enforcement | null }
  send(body: JsonObject): void
}

/** A request or notification of the upstream: on its way to the stream where the client expects it. */
export function relayFromServer(
  session: ServerSide,
  message: RequestMessage | NotificationMessage,
  text: string,
  related: RequestId | null,
): void {
  if (message.kind === 'request')
    answerServer(session, message, text, related).catch(error =>
      session.parts.log.error({ error, server: session.caller.server }, 'a request of a server failed'),
    )
  else relayNotification(session, message, text, related)
}

/** Judged as `server/<method>`, like every call; only a ping is answered here. */
async function answerServer(
  session: ServerSide,
  message: RequestMessage,
  text: string,
  related: RequestId | null,
): Promise<void> {
  const { id, method, params = {} } = message
  if (method === 'ping') return session.send(resultMessage(id, {}))
  if (session.asked.has(id)) return session.send(errorMessage(id, { code: -32_600, message: 'This id is in use.' }))
  const asked: Asked = {
    method,
    name: `server/${method}`,
    args: params,
    requestId: id,
    traceId: traceOf(params),
    params,
    readAt: performance.now(),
  }
  const forward = async (trace: TraceContext | null): Promise<Forwarded<JsonObject | null>> => {
    const reply = session.asked.wait(id)
    session.streams.send(trace ? frameOf(inTrace(message, trace).body) : text, related ?? session.pending.latest())
    const settled = await reply
    const forwarded = forwardedOf(id, settled)
    return { ...forwarded, answer: settled.kind === 'response' ? settled.message.body : null }
  }
  const enforced = await session.parts.enforcer.enforce(session.caller, asked, forward)
  if (enforced.kind === 'refused') session.send(errorMessage(id, denialAsError(enforced.denial, asked.name)))
  else session.send(enforced.answer ?? errorMessage(id, { code: -32_000, message: 'The client did not answer.' }))
}

function relayNotification(
  session: ServerSide,
  { method, params }: NotificationMessage,
  text: string,
  related: RequestId | null,
): void {
  if (method === 'notifications/tools/list_changed') session.definitions.forget()
  if (method === 'notifications/resources/updated' && !isSeen(session, params)) return
  if (method === 'notifications/tasks/status') {
    if (session.tasks.toolOf(params?.taskId) === null) return
    session.tasks.observe(params ?? {})
  }
  if (method === 'notifications/cancelled' && isRequestId(params?.requestId)) session.asked.cancel(params.requestId)
  const byToken = method === 'notifications/progress' ? session.pending.byProgressToken(params?.progressToken) : null
  // Progress of what this server does not do could be that of a call which another one has.
  if (method === 'notifications/progress' && byToken === null && !session.tasks.reports(params?.progressToken)) return
  if (byToken !== null) session.pending.hear(byToken)
  // What speaks of the whole server belongs on the session's stream; all else to the call that it came with.
  const isOfServer = /^notifications\/(tools|prompts|resources|tasks)\//.test(method)
  session.streams.send(text, byToken ?? related ?? (isOfServer ? null : session.pending.latest()))
}

function isSeen({ parts, caller }: ServerSide, params: JsonObject | undefined): boolean {
  const enforcement = parts.enforcement()
  const server = enforcement?.servers.get(caller.server)
  if (!enforcement || !server || !isJsonObject(params) || typeof params.uri !== 'string') return false
  return sightOf(enforcement, server, caller.identity.id).isVisible(`resources/${params.uri}`)
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'string' || typeof id === 'number'
}
