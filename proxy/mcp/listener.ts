import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { KEY_PATTERN } from '@/lib/identity/keys'
import { authenticate } from '../authenticate'
import type { BundleSource } from '../bundle-source'
import type { EnforcedKey } from '../enforcement'
import type { Log } from '../log'
import type { Refusals } from '../refusals'
import type { McpEndpoint } from './endpoint'
import { EVERY_SERVER } from './every-server'
import { createFrontServer, type TlsFiles } from './front-server'
import { allowedHosts, hostProblem, isLoopback } from './http-guards'
import { refuseHttp, sendText } from './http-replies'

export interface ListenerSettings {
  readonly host: string
  readonly port: number
  /** Address that clients use, without a trailing slash. */
  readonly publicUrl: string
  /** Without it clients connect in the clear. */
  readonly tls?: TlsFiles | undefined
  /** What calls under way get to end when the proxy stops; a second unless given. */
  readonly drainMs?: number | undefined
  /** Who may read `/metrics`: this host alone unless given. */
  readonly metricsFrom?: 'loopback' | 'anywhere' | undefined
}

export const DRAIN_MS = 1_000

/** The HTTP front: who may talk here at all, and where a request goes. */
export class Listener {
  readonly #server: Server
  readonly #hosts: ReadonlySet<string>
  #isStopping = false
  /** Posts that are not answered yet. */
  #underWay = 0
  #onIdle: () => void = () => undefined

  constructor(
    private readonly settings: ListenerSettings,
    private readonly source: Pick<BundleSource, 'current' | 'catchUp' | 'problem'>,
    private readonly endpoint: McpEndpoint,
    private readonly refusals: Refusals,
    private readonly metricsText: () => Promise<string>,
    private readonly log: Log,
  ) {
    this.#hosts = allowedHosts(settings.host, settings.publicUrl)
    this.#server = createFrontServer(settings.tls, log, (request, response) => void this.#handle(request, response))
  }

  /** Why nothing can be decided here; null when it can. */
  get problem(): string | null {
    return this.#isStopping ? 'the proxy is stopping' : this.source.problem
  }

  /** Resolves with the port, once it is bound. @throws Error when it is taken */
  start(): Promise<number> {
    const { host, port } = this.settings
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        const address = this.#server.address()
        resolve(typeof address === 'object' && address ? address.port : port)
      })
    })
  }

  /**
   * Begins nothing new; what is under way gets a moment, the rest is cut. Until then it goes on listening, so that whoever
   * asks is told that it is not ready, and where to call again, rather than nothing.
   */
  async stop(): Promise<void> {
    this.#isStopping = true
    const idle = new Promise<void>(resolve => {
      this.#onIdle = resolve
      if (this.#underWay === 0) resolve()
    })
    await Promise.race([idle, sleep(this.settings.drainMs ?? DRAIN_MS, undefined, { ref: false })])
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined)
    if (request.method === 'POST') this.#count(response)
    try {
      await this.#route(request, response)
    } catch (error) {
      this.log.error({ error }, 'a request failed')
      refuseHttp(response, 500, 'This proxy could not handle the request.')
    }
  }

  #count(response: ServerResponse): void {
    this.#underWay += 1
    response.once('close', () => {
      this.#underWay -= 1
      if (this.#underWay === 0) this.#onIdle()
    })
  }

  #route(request: IncomingMessage, response: ServerResponse): Promise<void> | void {
    const problem = hostProblem(request, this.#hosts)
    if (problem) return refuseHttp(response, 403, problem, { connection: 'close' })
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    const slug = /^\/mcp\/([a-z0-9-]{1,63})$/.exec(path)?.[1]
    if (slug !== undefined) return this.#mcp(slug, request, response)
    if (path === '/mcp') return this.#mcp(EVERY_SERVER.slug, request, response)
    if (path === '/healthz') return sendText(response, 200, 'ok\n')
    if (path === '/readyz')
      return this.problem === null ? sendText(response, 200, 'ready\n') : sendText(response, 503, `${this.problem}\n`)
    if (path === '/metrics' && this.#mayMeasure(request))
      return this.metricsText().then(text => sendText(response, 200, text, 'text/plain; version=0.0.4'))
    // OAuth's well-known paths too: a client that finds metadata here would ignore the key it was given.
    refuseHttp(response, 404, 'Not found')
  }

  #mayMeasure({ socket }: IncomingMessage): boolean {
    return this.settings.metricsFrom === 'anywhere' || isLoopback(socket.remoteAddress)
  }

  #mcp(slug: string, request: IncomingMessage, response: ServerResponse): Promise<void> | void {
    const enforcement = this.source.current
    // While it stops, sessions may still say what calls under way wait for; nothing else begins.
    const isOver = this.#isStopping && request.headers['mcp-session-id'] === undefined
    if (!enforcement || isOver)
      return refuseHttp(response, 503, `This proxy decides nothing now: ${this.problem}.`, {
        'retry-after': '1',
        ...(isOver ? { connection: 'close' } : {}),
      })
    const { authorization } = request.headers
    const key = authenticate(enforcement, authorization, Date.now())
    if (key) return this.#serve(slug, key, request, response)
    return this.#authenticateAnew(authorization).then(found => this.#serve(slug, found, request, response))
  }

  #serve(
    slug: string,
    key: EnforcedKey | null,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> | void {
    if (!key) {
      this.refusals.unauthenticated(slug, request.socket.remoteAddress ?? 'unknown')
      return refuseHttp(response, 401, 'A valid key is needed: Authorization: Bearer ik_…', {
        'www-authenticate': 'Bearer',
        connection: 'close',
      })
    }
    const server = slug === EVERY_SERVER.slug ? EVERY_SERVER : this.source.current?.servers.get(slug)
    if (!server) return refuseHttp(response, 404, `There is no server "${slug}" here.`)
    return this.endpoint.handle({ request, response, key, server })
  }

  /** A well-formed key that nobody bears may just have been issued; whether its prefix is known makes no difference. */
  async #authenticateAnew(authorization: string | undefined): Promise<EnforcedKey | null> {
    if (!KEY_PATTERN.test(authorization?.slice('Bearer '.length) ?? '')) return null
    await this.source.catchUp()
    return this.source.current ? authenticate(this.source.current, authorization, Date.now()) : null
  }
}
