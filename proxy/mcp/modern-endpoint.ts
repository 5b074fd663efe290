import { isJsonObject } from '@/lib/policy'
import { isStillGood } from '../authenticate'
import { CallMap } from '../call-map'
import { type EnforcedServer, type Enforcement, grantsOf } from '../enforcement'
import { refuseHttp } from './http-replies'
import { errorMessage, type Message, type RequestMessage } from './messages'
import { type ModernAsk, ModernExchange } from './modern-exchange'
import { agreeHeaders } from './modern-headers'
import { Listening } from './modern-listen'
import { type ModernParts, refuseMalformed } from './modern-parts'
import { answerModern } from './modern-requests'
import type { ModernServers, Reached } from './modern-servers'
import { ModernTasks } from './modern-tasks'
import { META, MODERN_ERRORS, MODERN_VERSION, metaOf } from './modern-version'

/** Subscriptions that one proxy and one identity hold open. */
const MAX_LISTENING = { total: 1_000, perIdentity: 64 }
const SWEEP_MS = 5_000

/** The stateless protocol (MCP 2026-07-28) at `/mcp/<slug>`: each POST brings its own identity and is answered by itself. */
export class ModernEndpoint {
  readonly #underWay = new CallMap<number, ModernExchange>()
  #count = 0
  readonly #listening = new Map<Listening, string>()
  #timer: NodeJS.Timeout | null = null

  private readonly parts: ModernParts

  constructor(
    parts: Omit<ModernParts, 'tasks'>,
    private readonly servers: ModernServers,
  ) {
    this.parts = { ...parts, tasks: new ModernTasks() }
  }

  start(): void {
    this.#timer = setInterval(() => this.#sweep(Date.now()), SWEEP_MS)
    this.#timer.unref()
  }

  /** @param message that claims this protocol, and may be wrong in that */
  async handle(ask: ModernAsk, message: Message, readAt: number): Promise<void> {
    const { response } = ask
    if (message.kind === 'response') return refuseHttp(response, 400, 'Answers are not taken: nothing was asked.')
    // Closing the stream cancels; the one notification that the protocol has says so once more.
    if (message.kind === 'notification') {
      if (message.method === 'notifications/cancelled') response.writeHead(202).end()
      else refuseHttp(response, 400, `"${message.method}" is not carried.`)
      return
    }
    const way = await this.#wayTo(ask)
    // Without a recognised error, so that a client of both protocols begins a session instead (Backward Compatibility).
    if (way === undefined)
      return refuseHttp(response, 400, 'This server speaks an older protocol here: begin a session with initialize.')
    const isListening = message.method === 'subscriptions/listen'
    const exchange = new ModernExchange(ask, message, way, isListening)
    const place = ++this.#count
    this.#underWay.set(place, exchange)
    try {
      const headers = await this.#agree(exchange)
      if (!headers) return
      if (isListening) await this.#listen(exchange, headers, readAt)
      else await answerModern(this.parts, exchange, headers, readAt)
    } finally {
      this.#underWay.take(place)
      if (exchange.isDoubtful) this.servers.doubt(ask.server)
    }
  }

  onActivate(enforcement: Enforcement): void {
    this.servers.onActivate(enforcement)
    for (const listening of this.#listening.keys()) listening.onActivate(enforcement)
    for (const exchange of this.#underWay.values())
      if (!isStillGood(enforcement, exchange.ask.key, Date.now())) exchange.giveUp('The key is not valid any more.')
  }

  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    for (const listening of this.#listening.keys()) listening.end()
    for (const exchange of this.#underWay.values()) exchange.giveUp('The proxy is stopping.')
    this.parts.tasks.close()
    await this.servers.close()
  }

  /** null: it is spoken, but nothing may be started for this caller. undefined: it is not spoken, or nobody knows. */
  async #wayTo({ server, key }: ModernAsk): Promise<Reached | null | undefined> {
    if (!this.#isGranted(server, key.identityId)) return this.servers.isKnown(server) ? null : undefined
    try {
      return (await this.servers.reach(server, key.identityId)) ?? undefined
    } catch {
      // The session that the client begins instead says why.
      return undefined
    }
  }

  #isGranted(server: EnforcedServer, identityId: string): boolean {
    const enforcement = this.parts.enforcement()
    return enforcement !== null && grantsOf(enforcement, identityId, server, Date.now()).length > 0
  }

  /** The headers that go upstream; null when the request was refused. Decided on the body, which the headers mirror. */
  async #agree(exchange: ModernExchange): Promise<Readonly<Record<string, string>> | null> {
    const { message, ask } = exchange
    const meta = metaOf(message.params)
    const version = meta?.[META.version]
    if (typeof version !== 'string') return this.#refuse(exchange, invalid(`"_meta" names no "${META.version}".`))
    const { name } = message.params ?? {}
    const tool = typeof name === 'string' ? this.#current(ask.server).tools.get(name) : undefined
    const agreement = agreeHeaders(message, ask.request.headers, schemaOf(message, tool?.pinned))
    if (!agreement.ok)
      return this.#refuse(exchange, {
        code: MODERN_ERRORS.headerMismatch,
        message: `Header mismatch: ${agreement.problem}`,
      })
    if (version !== MODERN_VERSION) return this.#refuseVersion(exchange, version)
    if (!isJsonObject(meta?.[META.capabilities]))
      return this.#refuse(exchange, invalid(`"_meta" names no "${META.capabilities}".`))
    return agreement.headers
  }

  #refuseVersion(exchange: ModernExchange, version: string): null {
    const data = { supported: [MODERN_VERSION], requested: version }
    exchange.finish(
      errorMessage(exchange.message.id, {
        code: MODERN_ERRORS.unsupportedVersion,
        message: 'Unsupported protocol version',
        data,
      }),
      400,
    )
    return null
  }

  async #refuse(exchange: ModernExchange, error: { code: number; message: string }): Promise<null> {
    const { decision } = await refuseMalformed(this.parts, exchange, error.message)
    const data = { 'intercept/decision': decision }
    exchange.finish(errorMessage(exchange.message.id, { ...error, data }), 400)
    return null
  }

  async #listen(exchange: ModernExchange, headers: Readonly<Record<string, string>>, readAt: number): Promise<void> {
    const { identityId } = exchange.ask.key
    const own = [...this.#listening.values()].filter(holder => holder === identityId).length
    if (this.#listening.size >= MAX_LISTENING.total || own >= MAX_LISTENING.perIdentity) {
      const message = 'Too many subscriptions are open. End some.'
      return exchange.finish(errorMessage(exchange.message.id, { code: 42_901, message }), 429)
    }
    const listening = new Listening(this.parts, exchange)
    this.#listening.set(listening, identityId)
    exchange.ask.response.once('close', () => this.#listening.delete(listening))
    await listening.run(headers, readAt)
  }

  #current(server: EnforcedServer): EnforcedServer {
    return this.parts.enforcement()?.servers.get(server.slug) ?? server
  }

  #sweep(now: number): void {
    this.servers.sweep(now)
    this.parts.tasks.sweep(now)
    for (const listening of this.#listening.keys()) listening.sweep(now)
    for (const exchange of this.#underWay.values())
      if (exchange.message.method !== 'subscriptions/listen') exchange.sweep(now)
  }
}

function invalid(message: string): { code: number; message: string } {
  return { code: MODERN_ERRORS.invalidParams, message }
}

function schemaOf({ method }: RequestMessage, definition: unknown) {
  return method === 'tools/call' && isJsonObject(definition) ? definition.inputSchema : undefined
}
