import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import type { CallEnding } from '../asked'

/** Tasks of one owner that are kept, and how long; past it the oldest is forgotten, and answers as one that never was. */
const MAX_TASKS = 256
const MAX_AGE_MS = 24 * 3_600_000

interface Task {
  readonly tool: string
  readonly since: number
  /** What it has asked of the client, by what was asked, and what became of that. */
  readonly inputs: Map<string, Promise<unknown>>
  readonly progressToken: JsonValue | undefined
  status: JsonValue | undefined
  problem: string | undefined
  /** Tells what became of the call that made it; null once that is told. */
  settle: ((ending: CallEnding) => void) | null
}

/**
 * The tasks that calls of one owner have made, a session (MCP 2025-11-25, tasks) or an identity at a server (the tasks
 * extension of 2026-07-28): nobody else can name them. What becomes of the task is what became of the call.
 */
export class SessionTasks {
  readonly #tasks = new Map<string, Task>()

  /**
   * Keeps the task that a call was answered with.
   * @returns what becomes of the call, known later; null where the answer is no task
   */
  keep(tool: string, progressToken: JsonValue | undefined, task: JsonValue | undefined): Promise<CallEnding> | null {
    if (!isJsonObject(task) || typeof task.taskId !== 'string' || this.#tasks.has(task.taskId)) return null
    const { taskId, status } = task
    return new Promise(settle => {
      const since = Date.now()
      this.#tasks.set(taskId, { tool, since, inputs: new Map(), progressToken, status, problem: undefined, settle })
      const [oldest] = this.#tasks.keys()
      if (this.#tasks.size > MAX_TASKS && oldest !== undefined) this.#forget(oldest, 'It was forgotten for newer ones.')
    })
  }

  /** The tool whose call made the task; null where no call of this session did. */
  toolOf(taskId: JsonValue | undefined): string | null {
    return (typeof taskId === 'string' ? this.#tasks.get(taskId)?.tool : undefined) ?? null
  }

  get size(): number {
    return this.#tasks.size
  }

  inputsOf(taskId: string): Map<string, Promise<unknown>> | null {
    return this.#tasks.get(taskId)?.inputs ?? null
  }

  sweep(now: number): void {
    for (const [taskId, { since }] of this.#tasks)
      if (now - since > MAX_AGE_MS) this.#forget(taskId, 'Its result was not fetched within a day.')
  }

  /** Whether progress under this token is that of a task: it may go on when the call has long been answered. */
  reports(token: JsonValue | undefined): boolean {
    return token !== undefined && [...this.#tasks.values()].some(task => task.progressToken === token)
  }

  /** Takes note of what the server says of a task. */
  observe({ taskId, status, statusMessage }: JsonObject): void {
    const task = typeof taskId === 'string' ? this.#tasks.get(taskId) : undefined
    if (!task) return
    task.status = status
    if (typeof statusMessage === 'string') task.problem = statusMessage
    if (status === 'cancelled') settle(task, unknown('The task was cancelled.'))
  }

  /** The result of a task, or its error, was fetched. Fetched again, it changes nothing. */
  end(taskId: string, ending: CallEnding): void {
    const task = this.#tasks.get(taskId)
    if (task) settle(task, ending)
  }

  /** A page of the server's list without what is not of this session, or not visible any more. */
  filter(result: JsonObject, isVisible: (tool: string) => boolean): JsonObject {
    if (!Array.isArray(result.tasks)) return result
    const tasks = result.tasks.filter((task: JsonValue) => {
      const tool = isJsonObject(task) ? this.toolOf(task.taskId) : null
      return tool !== null && isVisible(tool)
    })
    return { ...result, tasks }
  }

  close(): void {
    for (const taskId of this.#tasks.keys()) this.#forget(taskId, 'The session ended before its result was fetched.')
  }

  #forget(taskId: string, why: string): void {
    const task = this.#tasks.get(taskId)
    this.#tasks.delete(taskId)
    if (!task) return
    if (task.status === 'completed') settle(task, { outcome: { kind: 'result' }, isRefundable: false })
    else if (task.status === 'failed')
      settle(task, { outcome: { kind: 'error', error: task.problem ?? 'The task failed.' }, isRefundable: false })
    else settle(task, unknown(why))
  }
}

function settle(task: Task, ending: CallEnding): void {
  task.settle?.(ending)
  task.settle = null
}

function unknown(error: string): CallEnding {
  return { outcome: { kind: 'unknown', error }, isRefundable: false }
}
