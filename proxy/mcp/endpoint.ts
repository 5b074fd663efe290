import type { IncomingMessage, ServerResponse } from 'node:http'
import { maskSecrets } from '@/lib/audit/secret-shapes'
import type { RecordedCaller } from '../decision-writer'
import type { EnforcedKey, EnforcedServer } from '../enforcement'
import type { Refusals } from '../refusals'
import { AggregateSession } from './aggregate-session'
import { beginSession } from './begin-session'
import { EVERY_SERVER } from './every-server'
import { type Body, MAX_BODY_BYTES, readBody } from './http-body'
import { isJson, readAccept } from './http-guards'
import { refuseHttp } from './http-replies'
import { errorMessage, frameOf, type Malformed, type Message, type RequestMessage, readClientMessage } from './messages'
import type { ModernEndpoint } from './modern-endpoint'
import { claimsModern } from './modern-version'
import type { SessionParts } from './session-parts'
import { SessionStreams, type StreamWishes } from './session-streams'
import type { HttpSession, Sessions } from './sessions'
import { withTrace } from './trace-context'
import type { Upstreams } from './upstreams'
import { PROTOCOL_VERSIONS } from './versions'

/** An authenticated request to one server's address, or to that of all (EVERY_SERVER). */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly key: EnforcedKey
  readonly server: EnforcedServer
}

const BODY_PROBLEMS: Record<Exclude<Body, { ok: true }>['reason'], { status: number; message: string }> = {
  too_large: { status: 413, message: `A body has at most ${MAX_BODY_BYTES} bytes.` },
  not_utf8: { status: 400, message: 'The body is not UTF-8.' },
  aborted: { status: 400, message: 'The body ended too early.' },
}

/** Streamable HTTP at `/mcp/<slug>`: POST, GET and DELETE (MCP 2025-03-26 to 2025-11-25), and what is without sessions. */
export class McpEndpoint {
  constructor(
    private readonly sessions: Sessions,
    private readonly parts: SessionParts,
    private readonly upstreams: Upstreams,
    private readonly refusals: Refusals,
    private readonly modern: ModernEndpoint,
    /** Called with the id of each key that was used. */
    private readonly onKeyUsed: (keyId: string) => void,
  ) {}

  handle(exchange: Exchange): Promise<void> {
    this.onKeyUsed(exchange.key.id)
    return exchange.request.method === 'POST' ? this.#post(exchange) : this.#getOrDelete(exchange)
  }

  async #getOrDelete(exchange: Exchange): Promise<void> {
    const { request, response } = exchange
    const version = request.headers['mcp-protocol-version']
    if (request.method !== 'GET' && request.method !== 'DELETE')
      return refuseHttp(response, 405, 'Method not allowed.', { allow: 'GET, POST, DELETE' })
    if (request.method === 'GET' && !readAccept(request).events)
      return refuseHttp(response, 406, 'Not Acceptable: Client must accept text/event-stream')
    const session = this.#session(exchange)
    if (!session) return
    if (!isCarried(version)) return refuseHttp(response, 400, `Bad Request: Unsupported protocol version: ${version}`)
    if (request.method === 'GET') return this.#get(session, exchange)
    await session.close('The client ended the session.')
    response.writeHead(200).end()
  }

  #get(session: HttpSession, { request, response }: Exchange): void {
    const lastEventId = request.headers['last-event-id']
    if (typeof lastEventId === 'string' && lastEventId !== '' && session.streams.resume(lastEventId, response)) return
    if (!session.streams.openGet(response))
      refuseHttp(response, 409, 'Conflict: Only one SSE stream is allowed per session')
  }

  async #post(exchange: Exchange): Promise<void> {
    const { request, response } = exchange
    const accepted = readAccept(request)
    if (!accepted.json || !accepted.events)
      return refuseHttp(response, 406, 'Not Acceptable: Client must accept both application/json and text/event-stream')
    if (!isJson(request))
      return refuseHttp(response, 415, 'Unsupported Media Type: Content-Type must be application/json')
    const body = await readBody(request)
    const readAt = performance.now()
    if (!body.ok) return this.#refuseBody(exchange, body.reason)
    const read = readClientMessage(body.text)
    if (read.kind === 'malformed') return this.#refuseMalformed(exchange, read)
    const message = withTrace(read, request.headers)
    // Names of all servers together are told apart in sessions only; a client of both eras then begins one.
    if (exchange.server !== EVERY_SERVER && claimsModern(message, request.headers['mcp-protocol-version']))
      return this.modern.handle(exchange, message, readAt)
    if (message.kind === 'request' && message.method === 'initialize') return this.#initialize(exchange, message)
    const session = this.#session(exchange)
    if (!session) return
    const version = request.headers['mcp-protocol-version']
    if (!isCarried(version)) return refuseHttp(response, 400, `Bad Request: Unsupported protocol version: ${version}`)
    return this.#deliver(session, exchange, message, readAt)
  }

  #deliver(session: HttpSession, exchange: Exchange, message: Message, readAt: number): Promise<void> | void {
    const { response } = exchange
    if (message.kind !== 'request') {
      session.take(message)
      response.writeHead(202).end()
    } else if (session.streams.hasPost(message.id)) {
      const problem = 'This id is in use by a request that is under way.'
      return this.#refuseMalformed(exchange, {
        ...message,
        kind: 'malformed',
        problem,
        code: -32600,
        params: message.params ?? null,
      })
    } else return this.#answer(session, message, exchange, readAt)
  }

  /** Answers one request on a stream of its own. */
  async #answer(session: HttpSession, message: RequestMessage, { request, response }: Exchange, readAt: number) {
    const stream = session.streams.openPost(message.id, response, wishesOf(request))
    try {
      const text = await session.answer(message, readAt)
      if (text === null) stream.end()
      else stream.finish(text)
    } finally {
      session.streams.closePost(message.id)
    }
  }

  async #initialize(exchange: Exchange, message: RequestMessage): Promise<void> {
    const { request, response, key, server } = exchange
    if (request.headers['mcp-session-id'] !== undefined)
      return refuseHttp(response, 400, 'Invalid Request: Server already initialized', {}, -32600)
    if (!this.sessions.hasRoom(key.identityId))
      return refuseHttp(response, 429, 'Too many sessions are open. End some, or wait for idle ones to end.', {
        'retry-after': '30',
      })
    if (server === EVERY_SERVER) return this.#initializeAll(exchange, message)
    await this.sessions.makeRoom(key.identityId, server)
    const opening = {
      key,
      server,
      openWay: (id: string, isPrimed: boolean) => new SessionStreams({ 'mcp-session-id': id }, isPrimed),
      onBegin: (begun: HttpSession) => this.sessions.add(begun, key, this.parts.enforcement()),
    }
    const { session, text } = await beginSession(this.parts, this.upstreams, opening, message)
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (session) headers['mcp-session-id'] = session.facts.id
    response.writeHead(200, headers).end(text)
  }

  #initializeAll({ response, key }: Exchange, message: RequestMessage): void {
    const session = new AggregateSession(this.parts, this.upstreams, key, message, ended => this.sessions.forget(ended))
    this.sessions.add(session, key, this.parts.enforcement())
    const headers = { 'content-type': 'application/json', 'mcp-session-id': session.facts.id }
    response.writeHead(200, headers).end(session.begin())
  }

  /** The session that the request names; null when it was refused: not named, not there, or not this identity's. */
  #session({ request, response, key, server }: Exchange): HttpSession | null {
    const id = request.headers['mcp-session-id']
    if (typeof id !== 'string' || id === '') {
      refuseHttp(response, 400, 'Bad Request: Mcp-Session-Id header is required')
      return null
    }
    const session = this.sessions.find(id, key, server.slug)
    if (!session) refuseHttp(response, 404, 'Session not found', {}, -32_001)
    return session
  }

  async #refuseBody(exchange: Exchange, reason: Exclude<Body, { ok: true }>['reason']): Promise<void> {
    const { status, message } = BODY_PROBLEMS[reason]
    await this.#recordMalformed(exchange, { method: null, params: null, id: null }, message)
    refuseHttp(exchange.response, status, message, { connection: 'close' }, -32600)
  }

  async #refuseMalformed(exchange: Exchange, message: Malformed): Promise<void> {
    const denial = await this.#recordMalformed(exchange, message, message.problem)
    const data = { 'intercept/decision': denial.decision }
    const error = errorMessage(message.id, {
      code: message.code,
      message: `Malformed message: ${message.problem}`,
      data,
    })
    exchange.response.writeHead(400, { 'content-type': 'application/json' }).end(frameOf(error))
  }

  #recordMalformed(exchange: Exchange, known: Pick<Malformed, 'method' | 'params' | 'id'>, problem: string) {
    const { request, key, server } = exchange
    const session = request.headers['mcp-session-id']
    const caller: RecordedCaller = {
      identityId: key.identityId,
      identity: key.identity.name,
      keyPrefix: key.prefix,
      session: typeof session === 'string' ? maskSecrets(session).slice(0, 64) : null,
      clientName: null,
      clientVersion: null,
    }
    return this.refusals.malformed(caller, server.slug, { ...known, requestId: known.id }, problem)
  }
}

function isCarried(version: string | string[] | undefined): boolean {
  return version === undefined || (PROTOCOL_VERSIONS as readonly unknown[]).includes(version)
}

/** A request that names an older version than its session was begun with comes from a reader of that version. */
function wishesOf(request: IncomingMessage): StreamWishes {
  const version = request.headers['mcp-protocol-version']
  return {
    events: readAccept(request).prefersEvents,
    priming: version === undefined || version === PROTOCOL_VERSIONS[0],
  }
}
