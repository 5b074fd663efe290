import { isJsonObject, type JsonObject } from '@/lib/policy'
import type { Caller, Forwarded } from '../asked'
import { denialAsError } from '../denial'
import { type Sight, sightOf } from './listing'
import { errorMessage, frameOf, type RequestMessage, resultMessage } from './messages'
import { forwardedOf, replyText } from './outcomes'
import type { Reply } from './pending'
import type { TaskVerb } from './requests'
import type { SessionFacts, SessionParts } from './session-parts'
import type { SessionTasks } from './session-tasks'
import { traceOf } from './trace-context'

/** What of a session its client's requests about tasks touch. */
export interface TaskSide {
  readonly caller: Caller
  readonly facts: SessionFacts
  readonly parts: SessionParts
  readonly tasks: SessionTasks
  ask(message: RequestMessage): Promise<Reply>
}

const INVALID_PARAMS = -32_602

/**
 * Answers a request about one task. It follows the call that made it, as long as that call's tool is granted and visible:
 * a task of anybody else answers as one that never was. What it reads is not recorded again; a cancellation is.
 */
export async function answerTask(
  session: TaskSide,
  verb: TaskVerb,
  taskId: string,
  message: RequestMessage,
  readAt: number,
): Promise<string | null> {
  const tool = session.tasks.toolOf(taskId)
  if (tool === null || !currentSight(session)?.isVisible(tool)) return refuse(session, taskId, message)
  if (verb === 'cancel') return cancel(session, tool, taskId, message, readAt)
  const reply = await session.ask(message)
  const body = reply.kind === 'response' ? reply.message.body : null
  if (verb === 'get' && isJsonObject(body?.result)) session.tasks.observe({ ...body.result, taskId })
  if (verb === 'result' && isJsonObject(body?.result)) session.tasks.end(taskId, forwardedOf(message.id, reply))
  // What the server answers may be the call's own error, or one of the asking: the limit stays spent.
  if (verb === 'result' && isJsonObject(body?.error))
    session.tasks.end(taskId, { ...forwardedOf(message.id, reply), isRefundable: false })
  return replyText(message.id, reply)
}

/** Answers `tasks/list`: a page of the server's, with what is this session's. */
export async function listTasks(session: TaskSide, message: RequestMessage): Promise<string | null> {
  const reply = await session.ask(message)
  const result = reply.kind === 'response' ? reply.message.body.result : undefined
  if (reply.kind !== 'response' || !isJsonObject(result)) return replyText(message.id, reply)
  const sight = currentSight(session)
  const own = session.tasks.filter(result, tool => sight?.isVisible(tool) ?? false)
  return frameOf(resultMessage(message.id, own))
}

/** To stop what was allowed needs no new permission, and leaves its own record. */
async function cancel(
  session: TaskSide,
  tool: string,
  taskId: string,
  message: RequestMessage,
  readAt: number,
): Promise<string | null> {
  const { id, method, params } = message
  const asked = { method, name: tool, args: { taskId }, requestId: id, traceId: traceOf(params), readAt }
  const followed = await session.parts.enforcer.follow(
    session.caller,
    asked,
    async (): Promise<Forwarded<string | null>> => {
      const reply = await session.ask(message)
      const result = reply.kind === 'response' ? reply.message.body.result : undefined
      if (isJsonObject(result)) session.tasks.observe({ status: 'cancelled', ...result, taskId })
      return forwardedOf(id, reply)
    },
  )
  if (followed.kind === 'answered') return followed.answer
  return frameOf(errorMessage(id, denialAsError(followed.denial, tool)))
}

/** What became of a call; where it was answered with a task, that is known later. */
export function forwardedCall(
  tasks: SessionTasks,
  tool: string,
  { id, params }: RequestMessage,
  reply: Reply,
): Forwarded<string | null> {
  const forwarded = forwardedOf(id, reply)
  if (params?.task === undefined || reply.kind !== 'response') return forwarded
  const meta = params._meta
  const token = isJsonObject(meta) ? meta.progressToken : undefined
  const { result } = reply.message.body
  return { ...forwarded, later: isJsonObject(result) ? tasks.keep(tool, token, result.task) : null }
}

async function refuse(session: TaskSide, taskId: string, message: RequestMessage): Promise<string> {
  const { decision } = await session.parts.refuseTask(session, message, taskId)
  const error: JsonObject = {
    code: INVALID_PARAMS,
    message: `Task ${JSON.stringify(taskId)} is not available.`,
    data: { 'intercept/decision': decision },
  }
  return frameOf(errorMessage(message.id, error))
}

function currentSight({ parts, facts, caller }: TaskSide): Sight | null {
  const enforcement = parts.enforcement()
  const server = enforcement?.servers.get(facts.server.slug)
  return enforcement && server ? sightOf(enforcement, server, caller.identity.id) : null
}
