import { randomUUID } from 'node:crypto'
import { isJsonObject, type JsonObject } from '@/lib/policy'
import { denialAsError, denialAsToolResult } from '../denial'
import type { Enforcement } from '../enforcement'
import { listAll } from './aggregate-list'
import { type AggregateMember, isId } from './aggregate-member'
import { AggregateMembers, MemberFailed, withId } from './aggregate-members'
import { prefixedResult, type Redirection, unprefixedParams } from './aggregate-names'
import { EVERY_SERVER } from './every-server'
import {
  errorMessage,
  frameOf,
  type NotificationMessage,
  type RequestId,
  type RequestMessage,
  type ResponseMessage,
  readUpstreamMessage,
  resultMessage,
} from './messages'
import { routeOf } from './requests'
import type { Bearer, SessionFacts, SessionParts } from './session-parts'
import { SessionStreams } from './session-streams'
import { sightText } from './sessions'
import type { Upstreams } from './upstreams'
import { PROTOCOL_VERSIONS } from './versions'

/** Whether a server has something to say is known later than the client asks; an empty list is an answer too. */
const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: true },
  completions: {},
  logging: {},
}
const METHOD_NOT_FOUND = { code: -32_601, message: 'Method not found' }

/**
 * One client's session with every server that its identity has a grant on: a session with each, begun when it is needed.
 * Each is judged as at its own address; here names get their prefix, and ids that servers chose are told apart.
 */
export class AggregateSession {
  readonly streams: SessionStreams
  readonly facts: SessionFacts
  lastUsedAt = Date.now()
  readonly #members: AggregateMembers
  /** Servers that hold a request of the client. */
  readonly #underWay = new Map<RequestId, AggregateMember>()
  #isClosed = false

  constructor(
    private readonly parts: SessionParts,
    upstreams: Upstreams,
    readonly key: Bearer,
    private readonly initialize: RequestMessage,
    private readonly onClose: (session: AggregateSession) => void,
  ) {
    const client = isJsonObject(initialize.params?.clientInfo) ? initialize.params.clientInfo : {}
    this.facts = {
      id: randomUUID(),
      key,
      server: EVERY_SERVER,
      clientName: typeof client.name === 'string' ? client.name : null,
      clientVersion: typeof client.version === 'string' ? client.version : null,
    }
    this.streams = new SessionStreams({ 'mcp-session-id': this.facts.id }, this.#version === PROTOCOL_VERSIONS[0])
    this.#members = new AggregateMembers(parts, upstreams, this.facts, this.streams, initialize)
  }

  get hasUpstream(): boolean {
    return true
  }

  get isBusy(): boolean {
    return this.#underWay.size > 0
  }

  /** The answer to `initialize`, JSON on one line. Servers are begun meanwhile; none can keep the client waiting here. */
  begin(): string {
    for (const server of this.#members.granted()) this.#members.join(server).catch(() => undefined)
    const result = {
      protocolVersion: this.#version,
      capabilities: CAPABILITIES,
      serverInfo: { name: 'intercept', version: '1' },
      instructions:
        'The tools and prompts of several servers: names begin with the server and "__", addresses with it and "+".',
    }
    return frameOf(resultMessage(this.initialize.id, result))
  }

  async answer(message: RequestMessage, readAt: number): Promise<string | null> {
    this.lastUsedAt = Date.now()
    try {
      return await this.#answer(message, readAt)
    } finally {
      this.#underWay.delete(message.id)
      this.lastUsedAt = Date.now()
    }
  }

  /** Takes a notification or an answer of the client, and gives it to the server that it is for. */
  take(message: NotificationMessage | ResponseMessage): void {
    this.lastUsedAt = Date.now()
    if (message.kind === 'response') this.#takeAnswer(message)
    else if (message.method === 'notifications/cancelled') {
      const id = message.params?.requestId
      if (isId(id)) this.#underWay.get(id)?.session?.take(message)
    } else if (message.method === 'notifications/progress') this.#takeProgress(message)
    // What else a client tells is meant for one server, and no other is to read it.
    else if (message.method === 'notifications/roots/list_changed')
      void this.#members.each(member => member.session?.take(message))
  }

  tellToolsChanged(): void {
    this.streams.send(frameOf({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }), null)
  }

  /** A member whose child was idle is begun again when it is needed. */
  sweep(now: number, childIdleMs?: number): void {
    this.streams.keepAlive(now)
    void this.#members.each(member => member.session?.sweep(now, childIdleMs))
  }

  /** Ends the sessions with servers that may not be used any more, or are reached otherwise now. @returns what it sees */
  review(enforcement: Enforcement): string {
    this.#members.review(enforcement)
    const sights = this.#members
      .granted(enforcement)
      .map(({ slug }) => sightText(this.key.identityId, slug, enforcement))
    return JSON.stringify(sights)
  }

  async close(reason: string): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.onClose(this)
    const ended = this.#members.close(reason)
    // Answers that were just settled are written in their own turn, before the streams end.
    await new Promise(resolve => setImmediate(resolve))
    this.streams.close()
    await ended
  }

  get #version(): string {
    const wanted = this.initialize.params?.protocolVersion
    return PROTOCOL_VERSIONS.find(version => version === wanted) ?? PROTOCOL_VERSIONS[0]
  }

  async #answer(message: RequestMessage, readAt: number): Promise<string | null> {
    const { id, method, params } = message
    const route = routeOf(method, params)
    if (route.kind === 'pass') return this.#pass(message)
    if (route.kind === 'list') {
      const members = this.#members.granted().map(server => [server.slug, this.#members.join(server)] as const)
      const list = listAll(route.list, message, new Map(members), () => this.#tellListed(route.list))
      return frameOf(await list)
    }
    // Tasks are not offered here (docs/decisions/tasks.md).
    if (route.kind === 'unknown' || route.kind === 'task' || route.kind === 'tasks') {
      await this.parts.refuseUnknown(this, message)
      return frameOf(errorMessage(id, METHOD_NOT_FOUND))
    }
    const target = unprefixedParams(method, withoutTask(method, params))
    const server = target && this.#members.granted().find(({ slug }) => slug === target.slug)
    if (!target || !server) return this.#refuse(message, target)
    try {
      return await this.#forward(
        await this.#members.join(server),
        { ...message, ...withParams(message, target.params) },
        readAt,
      )
    } catch (error) {
      if (!(error instanceof MemberFailed)) throw error
      return frameOf(errorMessage(id, { code: -32_000, message: error.message }))
    }
  }

  async #forward(member: AggregateMember, message: RequestMessage, readAt: number): Promise<string | null> {
    this.#underWay.set(message.id, member)
    const text = (await member.session?.answer(message, readAt)) ?? null
    if (text === null || !/"(?:resource|contents|resource_link)"/.test(text)) return text
    const answer = readUpstreamMessage(text)
    if (answer.kind !== 'response' || !isJsonObject(answer.body.result)) return text
    return frameOf({ ...answer.body, result: prefixedResult(member.slug, answer.body.result) })
  }

  /** What leads to no server of this identity answers as what a server does not show. */
  async #refuse(message: RequestMessage, target: Redirection | null): Promise<string> {
    const { id, method } = message
    const own = routeOf(method, target?.params ?? message.params)
    if (own.kind === 'malformed') {
      const denial = await this.parts.refuseMalformed(this, message, own.problem)
      if (method === 'tools/call') return frameOf(resultMessage(id, denialAsToolResult(denial)))
      return frameOf(errorMessage(id, { ...denialAsError(denial, null), code: -32_602 }))
    }
    const judged = own.kind === 'judged' ? own.name : ''
    const denial = await this.parts.refuseUnreachable(this, message, target?.slug ?? null, judged)
    if (method === 'tools/call') return frameOf(resultMessage(id, denialAsToolResult(denial)))
    return frameOf(errorMessage(id, denialAsError(denial, judged)))
  }

  /** `ping` is answered here; the level of logs is for every server that logs, now or later. */
  async #pass(message: RequestMessage): Promise<string> {
    if (message.method === 'logging/setLevel') this.#members.setLevel(message)
    return frameOf(resultMessage(message.id, {}))
  }

  #takeAnswer(message: ResponseMessage): void {
    const origin = message.id === null ? undefined : this.#members.ids.requests.get(message.id)
    if (!origin || message.id === null) return
    this.#members.ids.requests.delete(message.id)
    origin.member.session?.take({ ...message, ...withId(message, origin.own), id: origin.own })
  }

  #takeProgress(message: NotificationMessage): void {
    const token = message.params?.progressToken
    const origin = isId(token) ? this.#members.ids.tokens.get(token) : undefined
    if (!origin) return
    const params = { ...message.params, progressToken: origin.own }
    origin.member.session?.take({ ...message, ...withParams(message, params) })
  }

  #tellListed(kind: string): void {
    const of = kind === 'resourceTemplates' ? 'resources' : kind
    this.streams.send(frameOf({ jsonrpc: '2.0', method: `notifications/${of}/list_changed` }), null)
  }
}

/** Who does not offer tasks takes a call that asks for one as any other (MCP 2025-11-25, tasks). */
function withoutTask(method: string, params: JsonObject | undefined): JsonObject | undefined {
  if (method !== 'tools/call' || params?.task === undefined) return params
  const { task: _task, ...rest } = params
  return rest
}

function withParams({ body }: { body: JsonObject }, params: JsonObject): { params: JsonObject; body: JsonObject } {
  return { params, body: { ...body, params } }
}
