import { isJsonObject, type JsonObject } from '@/lib/policy'
import {
  frameOf,
  type NotificationMessage,
  type RequestId,
  type RequestMessage,
  readUpstreamMessage,
  resultMessage,
} from './messages'
import type { SharedChild } from './shared-child'
import type { Upstream, UpstreamEvents } from './upstream'
import { PROTOCOL_VERSIONS } from './versions'

/** Levels of `notifications/message`, the least urgent first (RFC 5424). */
const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']

/** One session's part of a child that serves several. What it may say and hear of the child is decided here. */
export class SharedLeg implements Upstream {
  #child: SharedChild | null = null
  #capabilities: JsonObject = {}
  /** Position in LEVELS of what this session wants to hear; null where it did not say. */
  level: number | null = null

  constructor(
    private readonly childFor: (version: string) => SharedChild,
    readonly events: UpstreamEvents,
  ) {}

  send(text: string, requestId: RequestId | null): void {
    const message = readUpstreamMessage(text)
    if (message.kind === 'request') this.#request(message)
    else if (message.kind === 'notification') this.#notify(message)
    else if (message.kind === 'response') this.#child?.answer(this, message)
    else this.fail(requestId, false, message.problem)
  }

  settle(): void {
    // The child settled when it was begun, for all.
  }

  async close(): Promise<void> {
    this.#child?.leave(this)
    this.#child = null
  }

  /** Whether this session's client said that it answers such requests (MCP, capabilities of clients). */
  canAnswer(method: string): boolean {
    if (method === 'sampling/createMessage') return isJsonObject(this.#capabilities.sampling)
    if (method === 'elicitation/create') return isJsonObject(this.#capabilities.elicitation)
    return method === 'roots/list' && isJsonObject(this.#capabilities.roots)
  }

  hears(level: unknown): boolean {
    return this.level === null || LEVELS.indexOf(String(level)) >= this.level
  }

  answer(id: RequestId, result: JsonObject): void {
    const body = resultMessage(id, result)
    this.events.onMessage({ kind: 'response', id, body }, frameOf(body), id)
  }

  tell(method: string): void {
    const body = { jsonrpc: '2.0', method }
    this.events.onMessage({ kind: 'notification', method, params: undefined, body }, frameOf(body), null)
  }

  fail(id: RequestId | null, wasSent: boolean, message: string): void {
    if (id !== null) this.events.onFailure(id, { wasSent, status: null, message })
  }

  #request(message: RequestMessage): void {
    const { id, method, params } = message
    if (method === 'initialize') return void this.#begin(message)
    const child = this.#child
    if (!child) return void this.fail(id, false, 'The session has not begun.')
    const uri = typeof params?.uri === 'string' ? params.uri : ''
    if (method === 'resources/unsubscribe' && !child.unsubscribes(this, uri)) return void this.answer(id, {})
    if (method !== 'logging/setLevel') return void child.request(this, message)
    const level = LEVELS.indexOf(String(params?.level))
    if (level >= 0) this.level = level
    // Of all that sessions want to hear the child is asked for the most; each hears what it asked for.
    const widest = { ...params, ...(level < 0 ? {} : { level: LEVELS[child.widestLevel()] ?? 'debug' }) }
    child.request(this, { ...message, params: widest, body: { ...message.body, params: widest } })
  }

  #begin({ id, params }: RequestMessage): void {
    this.#capabilities = isJsonObject(params?.capabilities) ? params.capabilities : {}
    const wanted = params?.protocolVersion
    const child = this.childFor(PROTOCOL_VERSIONS.find(version => version === wanted) ?? PROTOCOL_VERSIONS[0])
    this.#child = child
    child.join(this, id)
  }

  /** Of what a client tells, the child hears what speaks of that client's own requests. */
  #notify(message: NotificationMessage): void {
    const { method, params } = message
    if (method === 'notifications/cancelled') this.#child?.cancel(this, params)
    if (method === 'notifications/progress') this.#child?.progress(this, message)
  }
}
