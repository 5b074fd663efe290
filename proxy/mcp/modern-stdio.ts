import { isJsonObject, type JsonObject } from '@/lib/policy'
import { CallMap } from '../call-map'
import { frameOf, type Message, type NotificationMessage, type RequestMessage } from './messages'
import type { ModernLeg, ModernReply } from './modern-leg'
import { META, metaOf } from './modern-version'
import { ownId } from './pending'
import type { Upstream, UpstreamEvents } from './upstream'

interface Waiting {
  readonly message: RequestMessage
  readonly reply: ModernReply
}

/**
 * A child process of the stateless protocol. Requests of many clients share its one channel, so each travels under an id
 * of the proxy's own, and so does its progress token; both come back as the client wrote them.
 */
export class ModernStdioLeg implements ModernLeg {
  readonly #waiting = new CallMap<string, Waiting>()
  readonly #upstream: Upstream
  #isSettled = false
  isClosed = false

  /** @throws UpstreamRefused when the child must not be started now */
  constructor(
    open: (events: UpstreamEvents) => Upstream,
    private readonly onClose: () => void,
  ) {
    this.#upstream = open({
      onMessage: (message, text) => this.#take(message, text),
      onFailure: (id, failure) => this.#end(String(id))?.reply.onFailure(failure),
      onClose: reason => this.#closed(reason),
    })
  }

  get size(): number {
    return this.#waiting.size
  }

  send(message: RequestMessage, _mirrored: Readonly<Record<string, string>>, reply: ModernReply): () => void {
    const id = ownId()
    this.#waiting.set(id, { message, reply })
    const meta = metaOf(message.params)
    const token: JsonObject = meta?.progressToken === undefined ? {} : { progressToken: id }
    const params: JsonObject = { ...message.params, ...(meta ? { _meta: { ...meta, ...token } } : {}) }
    this.#upstream.send(frameOf({ ...message.body, id, params }), id)
    return () => {
      if (!this.#end(id)) return
      const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } }
      this.#upstream.send(frameOf(cancelled), null)
    }
  }

  async close(): Promise<void> {
    this.#closed('The server is not used any more.')
    await this.#upstream.close()
  }

  #end(id: string): Waiting | null {
    return this.#waiting.take(id) ?? null
  }

  #take(message: Message, text: string): void {
    if (message.kind === 'notification') this.#notify(message, text)
    // Servers of this protocol ask nothing of their own.
    if (message.kind !== 'response' || message.id === null) return
    if (!this.#isSettled) this.#upstream.settle('')
    this.#isSettled = true
    const waiting = this.#end(String(message.id))
    if (!waiting) return
    const { id } = waiting.message
    const result: JsonObject = isJsonObject(message.body.result)
      ? { result: tagged(message.body.result, waiting.message) }
      : {}
    const body = { ...message.body, ...result, id }
    waiting.reply.onResponse({ kind: 'response', id, body }, frameOf(body), statusOf(body))
  }

  #notify({ method, params, body }: NotificationMessage, text: string): void {
    const token = params?.progressToken
    const subscription = metaOf(params)?.[META.subscription]
    const requestId = method === 'notifications/cancelled' ? params?.requestId : undefined
    const named = [token, subscription, requestId].find(value => value !== undefined)
    if (named === undefined) {
      // It names no request: it belongs to the one that came last.
      const latest = [...this.#waiting.values()].findLast(({ message }) => message.method !== 'subscriptions/listen')
      latest?.reply.onNotification({ kind: 'notification', method, params, body }, text)
      return
    }
    const waiting = this.#waiting.get(String(named))
    if (!waiting) return
    if (requestId !== undefined) {
      this.#end(String(named))
      waiting.reply.onFailure({ wasSent: true, status: null, message: 'The server has ended this subscription.' })
      return
    }
    const own = metaOf(waiting.message.params)?.progressToken
    const restored = {
      ...tagged(params ?? {}, waiting.message),
      ...(token === undefined ? {} : { progressToken: own }),
    }
    const whole = { ...body, params: restored } as JsonObject
    waiting.reply.onNotification(
      { kind: 'notification', method, params: whole.params as JsonObject, body: whole },
      frameOf(whole),
    )
  }

  #closed(reason: string): void {
    if (this.isClosed) return
    this.isClosed = true
    this.onClose()
    for (const id of this.#waiting.keys())
      this.#end(id)?.reply.onFailure({ wasSent: true, status: null, message: reason })
  }
}

/** The HTTP status that an answer has where there is HTTP (basic/transports/streamable-http). */
function statusOf({ error }: JsonObject): number {
  const code = isJsonObject(error) ? error.code : undefined
  if (code === -32_601) return 404
  return code === -32_020 || code === -32_021 || code === -32_022 ? 400 : 200
}

/** With the subscription named as its client knows it. */
function tagged(holder: JsonObject, { id }: RequestMessage): JsonObject {
  const meta = metaOf(holder)
  if (meta?.[META.subscription] === undefined) return holder
  return { ...holder, _meta: { ...meta, [META.subscription]: id } }
}
