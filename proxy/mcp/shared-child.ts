import { setTimeout as sleep } from 'node:timers/promises'
import { isJsonObject, type JsonObject } from '@/lib/policy'
import type { Log } from '../log'
import { VERSION } from '../version'
import { backoffMs } from './children'
import {
  frameOf,
  type Message,
  type NotificationMessage,
  type RequestId,
  type RequestMessage,
  type ResponseMessage,
} from './messages'
import { ownId } from './pending'
import { SharedAsked } from './shared-asked'
import type { SharedLeg } from './shared-leg'
import { SharedRequests } from './shared-requests'
import { Subscriptions } from './shared-subscriptions'
import type { Upstream, UpstreamEvents } from './upstream'

/**
 * A child that nobody has called for `idleMs` is stopped, and the next call starts it; with no session left, sooner. So
 * many calls wait for it to start, and no longer than `backoffMs` for a start that must wait itself.
 */
export const SHARED_BOUNDS = {
  idleMs: 10 * 60_000,
  unusedMs: 60_000,
  startMs: 60_000,
  waiting: 1_000,
  backoffMs: 5_000,
  sweepMs: 5_000,
}
/** A child that ends by itself this soon after its start is not started again at once. */
const SHORT_LIFE_MS = 60_000

/** One child process for the sessions of many identities: begun by the proxy, started again when it is needed. */
export class SharedChild {
  readonly #legs = new Set<SharedLeg>()
  readonly #requests = new SharedRequests()
  readonly #asked = new SharedAsked(this.#requests, body => this.#upstream?.send(frameOf(body), null))
  readonly #subscriptions = new Subscriptions<SharedLeg>()
  #upstream: Upstream | null = null
  #ready: Promise<void> | null = null
  /** The answer to `initialize`, which every session gets. */
  #begun: JsonObject | null = null
  #startedAt = 0
  #usedAt = Date.now()
  #waiting = 0
  #failures = 0
  #notBefore = 0
  #isClosed = false

  /** @param version of the protocol, which the child is asked for */
  constructor(
    private readonly slug: string,
    private readonly version: string,
    private readonly open: (events: UpstreamEvents) => Upstream,
    private readonly log: Log,
  ) {}

  get isUsed(): boolean {
    return this.#upstream !== null || this.#legs.size > 0
  }

  join(leg: SharedLeg, initializeId: RequestId): void {
    this.#legs.add(leg)
    this.#whenReady(leg, initializeId, () => leg.answer(initializeId, this.#begun ?? {}))
  }

  leave(leg: SharedLeg): void {
    this.#legs.delete(leg)
    this.#usedAt = Date.now()
    for (const requestId of this.#requests.abandon(leg)) this.#tell('notifications/cancelled', { requestId })
    for (const uri of this.#subscriptions.leave(leg)) this.#ask('resources/unsubscribe', { uri })
    this.#asked.leave(leg)
  }

  request(leg: SharedLeg, message: RequestMessage): void {
    this.#whenReady(leg, message.id, () => {
      if (message.method === 'resources/subscribe') this.#subscriptions.add(String(message.params?.uri), leg)
      const { id, body } = this.#requests.add(leg, message)
      this.#upstream?.send(frameOf(body), id)
    })
  }

  answer(leg: SharedLeg, message: ResponseMessage): void {
    this.#asked.answer(leg, message)
  }

  cancel(leg: SharedLeg, params: JsonObject | undefined): void {
    const requestId = this.#requests.cancel(leg, params?.requestId)
    if (requestId !== null) this.#tell('notifications/cancelled', { ...params, requestId })
  }

  progress(leg: SharedLeg, message: NotificationMessage): void {
    this.#asked.progress(leg, message)
  }

  /** Whether the child must be told: nobody else is subscribed. */
  unsubscribes(leg: SharedLeg, uri: string): boolean {
    return this.#subscriptions.remove(uri, leg)
  }

  /** Position of the most talkative level that a session wants to hear. */
  widestLevel(): number {
    return Math.min(...[...this.#legs].map(({ level }) => level ?? Number.POSITIVE_INFINITY))
  }

  sweep(now: number): void {
    this.#requests.sweep(now)
    const idleMs = this.#legs.size > 0 ? SHARED_BOUNDS.idleMs : SHARED_BOUNDS.unusedMs
    const isBusy = this.#requests.size > 0 || this.#waiting > 0 || this.#subscriptions.size > 0
    if (this.#upstream && !isBusy && now - this.#usedAt > idleMs) void this.#stop('The server was idle.')
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#stop('The proxy is stopping.')
    for (const leg of this.#legs) leg.events.onClose('The proxy is stopping.')
  }

  /** Runs once the child has begun, which starts it where it does not run. */
  #whenReady(leg: SharedLeg, id: RequestId, run: () => void): void {
    this.#usedAt = Date.now()
    if (this.#waiting >= SHARED_BOUNDS.waiting) return void leg.fail(id, false, 'Too many calls wait for the server.')
    this.#waiting += 1
    this.#begin()
      .finally(() => {
        this.#waiting -= 1
      })
      .then(
        () => this.#legs.has(leg) && run(),
        (error: Error) => leg.fail(id, false, error.message),
      )
  }

  #begin(): Promise<void> {
    if (this.#ready) return this.#ready
    const ready = this.#start()
    this.#ready = ready
    ready.catch(() => {
      if (this.#ready === ready) this.#ready = null
    })
    return ready
  }

  async #start(): Promise<void> {
    try {
      const waitMs = this.#notBefore - Date.now()
      if (waitMs > SHARED_BOUNDS.backoffMs)
        throw new Error(`The server ${this.slug} ended. It is started again in ${Math.ceil(waitMs / 1000)} s.`)
      if (waitMs > 0) await sleep(waitMs, undefined, { ref: false })
      if (this.#isClosed) throw new Error('The proxy is stopping.')
      this.#startedAt = Date.now()
      const upstream = this.open({
        onMessage: (message, text) => this.#take(message, text),
        onFailure: (id, { wasSent, message }) => this.#requests.fail(id, wasSent, message),
        onClose: reason => this.#ended(upstream, reason),
      })
      this.#upstream = upstream
      const result = await this.#initialize()
      upstream.settle(this.version)
      this.#tell('notifications/initialized')
      this.#resume(result)
    } catch (error) {
      await this.#stop('The server could not begin.')
      throw error
    }
  }

  async #initialize(): Promise<JsonObject> {
    const timer = setTimeout(() => void this.#stop('The server did not answer in time.'), SHARED_BOUNDS.startMs)
    const answer = await this.#ask('initialize', {
      protocolVersion: this.version,
      capabilities: { sampling: {}, elicitation: {} },
      clientInfo: { name: 'intercept', version: VERSION },
    })
    clearTimeout(timer)
    if (typeof answer === 'string') throw new Error(answer)
    const { result, error } = answer.body
    if (isJsonObject(result)) return result
    throw new Error(isJsonObject(error) && typeof error.message === 'string' ? error.message : 'The server refused.')
  }

  /** After a start that was not the first, sessions are told what they may have to read again. */
  #resume(result: JsonObject): void {
    const before = this.#begun
    this.#begun = result
    if (!before) return
    if (identityOf(before) !== identityOf(result)) {
      const reason = 'The server was started again and is not what it was. Begin a new session.'
      for (const leg of this.#legs) leg.events.onClose(reason)
      return
    }
    for (const uri of this.#subscriptions.uris()) this.#ask('resources/subscribe', { uri })
    for (const leg of this.#legs)
      for (const kind of ['tools', 'prompts', 'resources']) leg.tell(`notifications/${kind}/list_changed`)
  }

  #take(message: Message, text: string): void {
    if (message.kind === 'response') this.#requests.answer(message)
    else if (message.kind === 'request') this.#asked.take(message, text)
    else this.#notify(message, text)
  }

  #notify(message: NotificationMessage, text: string): void {
    const { method, params } = message
    const everybody = /^notifications\/(?:tools|prompts|resources)\/list_changed$|^notifications\/tasks\/status$/
    if (method === 'notifications/progress') this.#requests.progress(message)
    else if (method === 'notifications/resources/updated')
      for (const leg of this.#subscriptions.of(String(params?.uri))) leg.events.onMessage(message, text, null)
    else if (method === 'notifications/cancelled') this.#asked.cancelled(message, text)
    // Whose task it is, each session knows by itself.
    else if (everybody.test(method)) for (const leg of this.#legs) leg.events.onMessage(message, text, null)
    else {
      const caller = this.#requests.callerOf(params)
      const isHeard = method !== 'notifications/message' || caller?.leg.hears(params?.level)
      if (caller && isHeard) caller.leg.events.onMessage(message, text, caller.id)
    }
  }

  #ended(upstream: Upstream, reason: string): void {
    if (this.#upstream !== upstream) return
    const isShort = Date.now() - this.#startedAt < SHORT_LIFE_MS
    this.#failures = isShort ? this.#failures + 1 : 0
    // The first one may be a call's own doing, and the next call is not to suffer for it.
    this.#notBefore = this.#failures > 1 ? Date.now() + backoffMs(this.#failures - 1) : 0
    this.log.warn({ server: this.slug, problem: reason }, 'a child that sessions share has ended')
    this.#forget(reason)
  }

  async #stop(reason: string): Promise<void> {
    const upstream = this.#upstream
    this.#forget(reason)
    await upstream?.close()
  }

  #forget(reason: string): void {
    this.#upstream = null
    this.#ready = null
    this.#asked.clear()
    this.#requests.failAll(reason)
  }

  /** A request of the proxy's own. @returns the answer, or why there is none */
  #ask(method: string, params: JsonObject): Promise<ResponseMessage | string> {
    const id = ownId()
    const answer = this.#requests.own(id)
    this.#upstream?.send(frameOf({ jsonrpc: '2.0', id, method, params }), id)
    return answer
  }

  #tell(method: string, params?: JsonObject): void {
    this.#upstream?.send(frameOf({ jsonrpc: '2.0', method, ...(params ? { params } : {}) }), null)
  }
}

/** What sessions were told when they began and cannot be told otherwise. */
function identityOf({ protocolVersion, capabilities }: JsonObject): string {
  return JSON.stringify([protocolVersion ?? null, capabilities ?? null])
}
