import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import type { Asked, Caller, Forwarded } from '../asked'
import { denialAsError, denialAsToolResult } from '../denial'
import type { Downstream } from './downstream'
import { filterList, sightOf } from './listing'
import {
  errorMessage,
  frameOf,
  frameOfRequest,
  type Message,
  type NotificationMessage,
  type RequestId,
  type RequestMessage,
  type ResponseMessage,
  resultMessage,
} from './messages'
import { replyText } from './outcomes'
import { deadlinesOf, ownId, Pending, type Reply } from './pending'
import { type ListKind, routeOf } from './requests'
import { relayFromServer, type ServerSide } from './server-messages'
import { SessionDefinitions } from './session-definitions'
import type { Bearer, SessionFacts, SessionParts } from './session-parts'
import { SessionTasks } from './session-tasks'
import { answerTask, forwardedCall, listTasks } from './task-requests'
import { inTrace, traceHeaders, traceOf } from './trace-context'
import type { Upstream, UpstreamEvents } from './upstream'

const METHOD_NOT_FOUND = { code: -32_601, message: 'Method not found' }

/** One client's session with one server: relays messages both ways, each past the enforcement point. */
export class Session<Way extends Downstream = Downstream> implements ServerSide {
  readonly caller: Caller
  readonly definitions: SessionDefinitions
  /** Requests of the client that the upstream has, and requests of the upstream that the client has. */
  readonly pending: Pending
  readonly asked = new Pending()
  readonly tasks = new SessionTasks()
  lastUsedAt = Date.now()
  isClosed = false
  #upstream: Upstream | null = null
  #protocolVersion: string | null = null

  constructor(
    readonly parts: SessionParts,
    readonly facts: SessionFacts,
    readonly streams: Way,
  ) {
    this.definitions = new SessionDefinitions(
      cursor => this.#askForTools(cursor),
      (tools, seen) => parts.reportDefinitions(facts.server, tools, seen),
      problem => parts.log.warn({ server: facts.server.slug, problem }, 'a list of tools cannot be judged'),
    )
    const { key, server } = facts
    this.pending = new Pending(() => deadlinesOf(parts.enforcement()?.servers.get(server.slug) ?? server))
    this.caller = {
      identity: key.identity,
      keyPrefix: key.prefix,
      sessionId: facts.id,
      clientName: facts.clientName,
      clientVersion: facts.clientVersion,
      server: server.slug,
      protocolVersion: () => this.#protocolVersion,
      seenDigest: tool => this.definitions.digestOf(tool),
      hasDefinitions: () => this.definitions.isKnown,
    }
  }

  get key(): Bearer {
    return this.facts.key
  }

  get hasUpstream(): boolean {
    return this.#upstream !== null
  }

  /** Whether the upstream has a request of the client. */
  get isBusy(): boolean {
    return this.pending.size > 0
  }

  /** What the upstream leg reports to this session. */
  readonly events: UpstreamEvents = {
    onMessage: (message, text, related) => this.#fromUpstream(message, text, related),
    onFailure: (id, failure) => {
      this.lastUsedAt = Date.now()
      this.pending.fail(id, failure)
      if (failure.isSessionLost) void this.close('The server has ended this session.')
    },
    isAwaited: id => this.pending.has(id),
    onClose: reason => void this.close(reason),
  }

  attach(upstream: Upstream): void {
    this.#upstream = upstream
  }

  settle(protocolVersion: string): void {
    this.#protocolVersion = protocolVersion
    this.#upstream?.settle(protocolVersion)
  }

  /** Sends a request upstream and waits for what becomes of it. Never rejects. */
  ask(message: RequestMessage): Promise<Reply> {
    const meta = message.params?._meta
    const reply = this.pending.wait(message.id, isJsonObject(meta) ? meta.progressToken : undefined)
    if (this.#upstream) this.#upstream.send(frameOfRequest(message), message.id, traceHeaders(message.params))
    else {
      const problem = 'This session began before the server was granted. Begin a new one.'
      this.pending.fail(message.id, { wasSent: false, status: null, message: problem })
    }
    return reply
  }

  send(body: JsonObject): void {
    this.#upstream?.send(frameOf(body), null)
  }

  /** Answers one request of the client: JSON on one line; null when a cancelled request needs no answer. */
  answer(message: RequestMessage, readAt: number): Promise<string | null> {
    this.lastUsedAt = Date.now()
    try {
      return this.#answer(message, readAt)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Takes a notification or an answer of the client. */
  take(message: NotificationMessage | ResponseMessage): void {
    this.lastUsedAt = Date.now()
    if (message.kind === 'response') this.asked.answer(message, frameOf(message.body))
    else if (message.method === 'notifications/cancelled' && !this.#cancels(message.params)) return
    else this.send(message.body)
  }

  tellToolsChanged(): void {
    this.streams.send(frameOf({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }), null)
  }

  /** @param childIdleMs after so long without a call a child of this session's own is not kept; it is unless given */
  sweep(now: number, childIdleMs = Number.POSITIVE_INFINITY): void {
    this.pending.sweep(now)
    this.asked.sweep(now)
    this.streams.keepAlive(now)
    const { transport, isShared } = this.facts.server
    const hasChild = transport === 'stdio' && !isShared && this.hasUpstream
    if (hasChild && this.pending.size === 0 && now - this.lastUsedAt > childIdleMs)
      void this.close('The server of this session was idle, and was stopped. Begin a new session.')
  }

  async close(reason: string): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    this.parts.onClose(this)
    this.pending.failAll(reason)
    this.asked.failAll(reason)
    this.tasks.close()
    // Answers that were just settled are written in their own turn, before the streams end.
    await new Promise(resolve => setImmediate(resolve))
    this.streams.close()
    await this.#upstream?.close()
  }

  #answer(message: RequestMessage, readAt: number): Promise<string | null> {
    const { id, method, params } = message
    const route = routeOf(method, params)
    switch (route.kind) {
      case 'pass':
        return this.#pass(message)
      case 'list':
        return this.#list(route.list, message)
      case 'judged':
        return this.#enforce(
          { method, name: route.name, args: route.args, requestId: id, traceId: traceOf(params), params, readAt },
          message,
        )
      case 'task':
        if (route.verb === 'update') return this.#refuseUnknown(message)
        return answerTask(this, route.verb, route.taskId, message, readAt)
      case 'tasks':
        return listTasks(this, message)
      case 'malformed':
        return this.#refuseMalformed(message, route.problem)
      case 'unknown':
        return this.#refuseUnknown(message)
    }
  }

  async #pass(message: RequestMessage): Promise<string | null> {
    return this.hasUpstream ? replyText(message.id, await this.ask(message)) : frameOf(resultMessage(message.id, {}))
  }

  async #refuseUnknown(message: RequestMessage): Promise<string> {
    await this.parts.refuseUnknown(this, message)
    return frameOf(errorMessage(message.id, METHOD_NOT_FOUND))
  }

  async #refuseMalformed(message: RequestMessage, problem: string): Promise<string> {
    const denial = await this.parts.refuseMalformed(this, message, problem)
    if (message.method === 'tools/call') return frameOf(resultMessage(message.id, denialAsToolResult(denial)))
    return frameOf(errorMessage(message.id, { ...denialAsError(denial, null), code: -32_602 }))
  }

  async #enforce(asked: Asked, message: RequestMessage): Promise<string | null> {
    const { id, method } = message
    const enforced = await this.parts.enforcer.enforce(
      this.caller,
      asked,
      (trace): Promise<Forwarded<string | null>> =>
        this.ask(inTrace(message, trace)).then(reply => forwardedCall(this.tasks, asked.name, message, reply)),
    )
    if (enforced.kind === 'answered') return enforced.answer
    const { denial } = enforced
    if (method === 'tools/call') return frameOf(resultMessage(id, denialAsToolResult(denial)))
    return frameOf(errorMessage(id, denialAsError(denial, asked.name)))
  }

  async #list(kind: ListKind, message: RequestMessage): Promise<string | null> {
    if (!this.hasUpstream) return frameOf(resultMessage(message.id, { [kind]: [] }))
    const reply = await this.ask(message)
    const result = reply.kind === 'response' ? reply.message.body.result : undefined
    if (reply.kind !== 'response' || !isJsonObject(result)) return replyText(message.id, reply)
    const digests = kind === 'tools' ? this.definitions.observe(message.params?.cursor, result) : new Map()
    const enforcement = this.parts.enforcement()
    const server = enforcement?.servers.get(this.facts.server.slug)
    if (!enforcement || !server) return frameOf(resultMessage(message.id, { ...result, [kind]: [] }))
    const sight = sightOf(enforcement, server, this.key.identityId)
    return frameOf({ ...reply.message.body, result: filterList(kind, result, sight, digests) })
  }

  async #askForTools(cursor: JsonValue | undefined): Promise<JsonObject | null> {
    if (!this.hasUpstream) return null
    const id = ownId()
    const params: JsonObject = cursor === undefined ? {} : { cursor }
    const body = { jsonrpc: '2.0', id, method: 'tools/list', params }
    const reply = await this.ask({ kind: 'request', id, method: 'tools/list', params, body })
    const result = reply.kind === 'response' ? reply.message.body.result : null
    return isJsonObject(result) ? result : null
  }

  #fromUpstream(message: Message, text: string, related: RequestId | null): void {
    this.lastUsedAt = Date.now()
    if (message.kind !== 'response') relayFromServer(this, message, text, related)
    else if (!this.pending.answer(message, text))
      this.parts.log.warn({ server: this.facts.server.slug }, 'an answer to no request was dropped')
  }

  /** A cancellation of what is not under way has nothing to say upstream. */
  #cancels(params: JsonObject | undefined): boolean {
    const id = params?.requestId
    return (typeof id === 'string' || typeof id === 'number') && this.pending.cancel(id)
  }
}
