import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import { CallMap } from '../call-map'
import {
  frameOf,
  type NotificationMessage,
  type RequestId,
  type RequestMessage,
  type ResponseMessage,
} from './messages'
import { ownId } from './pending'
import type { SharedLeg } from './shared-leg'

/** What nobody waits for any more may still be worked on: for so long the child's own words could belong to it. */
const ABANDONED_MS = 5 * 60_000
const RELATED_TASK = 'io.modelcontextprotocol/related-task'
const MAX_TASKS = 1_024
/** While one of these is under way, a server may have something to ask. */
const CALLS = new Set(['tools/call', 'prompts/get', 'resources/read', 'completion/complete', 'tasks/result'])

interface UnderWay {
  /** null: its session has gone. */
  leg: SharedLeg | null
  readonly message: RequestMessage
  readonly isCall: boolean
  abandonedAt: number | null
}

/**
 * Requests of many sessions on one channel: each travels under an id of the proxy's own that nobody can guess, its progress
 * token alike, and both come back as the client wrote them, to that client alone.
 */
export class SharedRequests {
  readonly #underWay = new CallMap<RequestId, UnderWay>()
  /** Whose call made a task: what is related to it is that session's (MCP 2025-11-25, tasks). */
  readonly #tasks = new Map<JsonValue, SharedLeg>()
  readonly #own = new Map<RequestId, (answer: ResponseMessage | string) => void>()

  get size(): number {
    return this.#underWay.size
  }

  /** @returns the request as the child is to get it */
  add(leg: SharedLeg, message: RequestMessage): { id: string; body: JsonObject } {
    const id = ownId()
    this.#underWay.set(id, { leg, message, isCall: CALLS.has(message.method), abandonedAt: null })
    const meta = message.params?._meta
    if (!isJsonObject(meta) || meta.progressToken === undefined) return { id, body: { ...message.body, id } }
    const params = { ...message.params, _meta: { ...meta, progressToken: id } }
    return { id, body: { ...message.body, id, params } }
  }

  /** A request of the proxy's own. */
  own(id: RequestId): Promise<ResponseMessage | string> {
    return new Promise(resolve => this.#own.set(id, resolve))
  }

  answer({ id: own, body }: ResponseMessage): void {
    if (own === null) return
    if (this.#settleOwn(own, { kind: 'response', id: own, body })) return
    const underWay = this.#underWay.take(own)
    if (!underWay?.leg) return
    const { id } = underWay.message
    const { result } = body
    if (isJsonObject(result) && isJsonObject(result.task)) this.#keepTask(result.task, underWay.leg)
    const restored = { ...body, id }
    underWay.leg.events.onMessage({ kind: 'response', id, body: restored }, frameOf(restored), id)
  }

  progress({ method, params, body }: NotificationMessage): void {
    const token = params?.progressToken
    const underWay = typeof token === 'string' ? this.#underWay.get(token) : undefined
    const meta = underWay?.message.params?._meta
    if (!underWay?.leg || !isJsonObject(meta) || meta.progressToken === undefined) return
    const restored = { ...params, progressToken: meta.progressToken }
    const whole = { ...body, params: restored }
    const message = { kind: 'notification' as const, method, params: restored, body: whole }
    underWay.leg.events.onMessage(message, frameOf(whole), underWay.message.id)
  }

  fail(own: RequestId, wasSent: boolean, reason: string): void {
    if (this.#settleOwn(own, reason)) return
    const underWay = this.#underWay.take(own)
    underWay?.leg?.fail(underWay.message.id, wasSent, reason)
  }

  failAll(reason: string): void {
    for (const own of [...this.#own.keys(), ...this.#underWay.keys()]) this.fail(own, true, reason)
  }

  /** @returns what the child knows that request as; null when it is none of this session */
  cancel(leg: SharedLeg, id: JsonValue | undefined): string | null {
    for (const [own, underWay] of this.#underWay) {
      if (underWay.leg !== leg || underWay.message.id !== id) continue
      underWay.abandonedAt ??= Date.now()
      return String(own)
    }
    return null
  }

  /** The session has gone. @returns what the child knows its requests as */
  abandon(leg: SharedLeg): string[] {
    for (const [taskId, owner] of this.#tasks) if (owner === leg) this.#tasks.delete(taskId)
    const gone = [...this.#underWay].filter(([, underWay]) => underWay.leg === leg)
    for (const [, underWay] of gone) {
      underWay.leg = null
      underWay.abandonedAt ??= Date.now()
    }
    return gone.map(([own]) => String(own))
  }

  /** The session that a message of the child belongs to, and its newest call; null where that cannot be told. */
  callerOf(params: JsonObject | undefined): { leg: SharedLeg; id: RequestId | null } | null {
    const meta = params?._meta
    const related = isJsonObject(meta) ? meta[RELATED_TASK] : undefined
    if (related === undefined) return this.#soleCaller()
    const leg = isJsonObject(related) ? this.#tasks.get(related.taskId ?? null) : undefined
    return leg ? { leg, id: null } : null
  }

  #keepTask({ taskId }: JsonObject, leg: SharedLeg): void {
    if (typeof taskId !== 'string') return
    this.#tasks.set(taskId, leg)
    const [oldest] = this.#tasks.keys()
    if (this.#tasks.size > MAX_TASKS && oldest !== undefined) this.#tasks.delete(oldest)
  }

  /** The session whose calls are the only ones that the child can be working on. */
  #soleCaller(): { leg: SharedLeg; id: RequestId } | null {
    let sole: { leg: SharedLeg; id: RequestId } | null = null
    for (const { leg, message, isCall } of this.#underWay.values()) {
      if (!isCall) continue
      if (!leg || (sole && sole.leg !== leg)) return null
      sole = { leg, id: message.id }
    }
    return sole
  }

  sweep(now: number): void {
    for (const [own, underWay] of this.#underWay) {
      const isAwaited = underWay.leg?.events.isAwaited?.(underWay.message.id) ?? underWay.leg !== null
      if (!isAwaited) underWay.abandonedAt ??= now
      if (underWay.abandonedAt !== null && now - underWay.abandonedAt > ABANDONED_MS) this.#underWay.take(own)
    }
  }

  #settleOwn(own: RequestId, answer: ResponseMessage | string): boolean {
    const settle = this.#own.get(own)
    this.#own.delete(own)
    settle?.(answer)
    return settle !== undefined
  }
}
