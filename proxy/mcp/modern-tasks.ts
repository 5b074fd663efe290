import { createHash } from 'node:crypto'
import { isJsonObject, type JsonObject, writeJson } from '@/lib/policy'
import type { CallEnding, Forwarded } from '../asked'
import type { EnforcedServer } from '../enforcement'
import { sightOf } from './listing'
import { errorMessage } from './messages'
import type { Answer, ModernExchange } from './modern-exchange'
import { finishWith, judgeInput, type ModernParts, type RefusedInput, refuseUnknownTask } from './modern-parts'
import { denialMessage } from './modern-results'
import { META, metaOf } from './modern-version'
import { forwardedOf } from './outcomes'
import { SessionTasks } from './session-tasks'
import { traceOf } from './trace-context'

const TASKS = 'io.modelcontextprotocol/tasks'
const MISSING_CAPABILITY = -32_021
/** What one task may ask of its client in all its time. */
const MAX_INPUTS = 256

/** The tasks of each identity at each server: without sessions, that is who they belong to (docs/decisions/tasks.md). */
export class ModernTasks {
  readonly #owners = new Map<string, SessionTasks>()

  of(server: EnforcedServer, identityId: string): SessionTasks {
    const owner = `${server.id} ${identityId}`
    const known = this.#owners.get(owner)
    if (known) return known
    const tasks = new SessionTasks()
    this.#owners.set(owner, tasks)
    return tasks
  }

  sweep(now: number): void {
    for (const [owner, tasks] of this.#owners) {
      tasks.sweep(now)
      if (tasks.size === 0) this.#owners.delete(owner)
    }
  }

  close(): void {
    for (const tasks of this.#owners.values()) tasks.close()
  }
}

/** Whether the client of this request reads tasks; a server must not answer with one else. */
export function offersTasks(exchange: ModernExchange): boolean {
  const offered = metaOf(exchange.message.params)?.[META.capabilities]
  return isJsonObject(offered) && isJsonObject(offered.extensions) && isJsonObject(offered.extensions[TASKS])
}

/** What became of a call; where it was answered with a task, that is known later. */
export function laterEnding(parts: ModernParts, exchange: ModernExchange, tool: string, { reply }: Answer) {
  const result = reply.kind === 'response' ? reply.message.body.result : undefined
  if (!isJsonObject(result) || result.resultType !== 'task' || exchange.message.method !== 'tools/call') return null
  return ownTasks(parts, exchange).keep(tool, undefined, result)
}

/** Answers `tasks/get`, `tasks/update` and `tasks/cancel` of the extension: of the identity's own tasks and no others. */
export async function answerModernTask(
  parts: ModernParts,
  exchange: ModernExchange,
  headers: Readonly<Record<string, string>>,
  taskId: string,
  readAt: number,
): Promise<void> {
  const { id, method } = exchange.message
  if (!offersTasks(exchange)) return exchange.finish(errorMessage(id, MISSING), 400)
  const tasks = ownTasks(parts, exchange)
  const tool = tasks.toolOf(taskId)
  if (tool === null || !isVisible(parts, exchange, tool)) {
    const { decision } = await refuseUnknownTask(parts, exchange, taskId)
    const message = `Task ${JSON.stringify(taskId)} is not available.`
    return exchange.finish(errorMessage(id, { code: -32_602, message, data: { 'intercept/decision': decision } }))
  }
  if (method === 'tasks/cancel') return cancel(parts, exchange, headers, tool, taskId, readAt)
  const answer = await exchange.send(headers)
  const result = answer.reply.kind === 'response' ? answer.reply.message.body.result : undefined
  if (method === 'tasks/get' && isJsonObject(result)) {
    const refused = await refuseInputs(parts, exchange, tasks.inputsOf(taskId), result)
    if (refused) return exchange.finish(denialMessage(id, method, refused.denial, refused.name))
    const ending = endingOf(result)
    if (ending) tasks.end(taskId, ending)
    tasks.observe({ ...result, taskId })
  }
  finishWith(exchange, answer, null)
}

/** To stop what was allowed needs no new permission, and leaves its own record. */
async function cancel(
  parts: ModernParts,
  exchange: ModernExchange,
  headers: Readonly<Record<string, string>>,
  tool: string,
  taskId: string,
  readAt: number,
): Promise<void> {
  const { id, method, params } = exchange.message
  const asked = { method, name: tool, args: { taskId }, requestId: id, traceId: traceOf(params), readAt }
  const followed = await parts.enforcer.follow(exchange.caller, asked, async (): Promise<Forwarded<Answer>> => {
    const answer = await exchange.send(headers)
    return { ...forwardedOf(id, answer.reply), answer }
  })
  if (followed.kind === 'answered') finishWith(exchange, followed.answer, null)
  else exchange.finish(denialMessage(id, method, followed.denial, tool))
}

/** What a task wants of its client is judged once, however often it is read; one that is refused refuses the whole. */
async function refuseInputs(
  parts: ModernParts,
  exchange: ModernExchange,
  judged: Map<string, Promise<unknown>> | null,
  { inputRequests }: JsonObject,
): Promise<RefusedInput | null> {
  if (inputRequests === undefined || !judged) return null
  const wanted = isJsonObject(inputRequests) ? Object.entries(inputRequests) : [['', null] as const]
  for (const [key, one] of wanted) {
    const what = createHash('sha256')
      .update(writeJson([key, one]))
      .digest('base64')
    const known = judged.get(what) as Promise<RefusedInput | null> | undefined
    const judging = known ?? judgeInput(parts, exchange, judged.size < MAX_INPUTS ? one : null, exchange.message)
    if (judged.size < MAX_INPUTS) judged.set(what, judging)
    const refused = await judging
    if (refused) return refused
  }
  return null
}

function endingOf({ status, result, error }: JsonObject): CallEnding | null {
  if (status === 'completed') {
    const isError = isJsonObject(result) && result.isError === true
    const resultBytes = Buffer.byteLength(writeJson(result ?? null))
    return { outcome: { kind: 'result', isError, resultBytes }, isRefundable: false }
  }
  if (status !== 'failed') return null
  const { code, message } = isJsonObject(error) ? error : {}
  const isCode = typeof code === 'number' && Number.isInteger(code) && Math.abs(code) < 2 ** 31
  const said = typeof message === 'string' ? message : 'The task failed.'
  return { outcome: { kind: 'error', status: isCode ? code : null, error: said }, isRefundable: false }
}

function ownTasks({ tasks }: ModernParts, { ask }: ModernExchange): SessionTasks {
  return tasks.of(ask.server, ask.key.identityId)
}

function isVisible({ enforcement }: ModernParts, { ask }: ModernExchange, tool: string): boolean {
  const current = enforcement()
  const server = current?.servers.get(ask.server.slug)
  return current !== null && server !== undefined && sightOf(current, server, ask.key.identityId).isVisible(tool)
}

const MISSING = {
  code: MISSING_CAPABILITY,
  message: 'Missing required client capability',
  data: { requiredCapabilities: { extensions: { [TASKS]: {} } } },
}
