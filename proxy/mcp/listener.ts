import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { KEY_PATTERN } from '@/lib/identity/keys'
import { authenticate } from '../authenticate'
import type { BundleSource } from '../bundle-source'
import type { EnforcedKey, Enforcement } from '../enforcement'
import type { Log } from '../log'
import type { Refusals } from '../refusals'
import type { McpEndpoint } from './endpoint'
import { EVERY_SERVER } from './every-server'
import { allowedHosts, hostProblem, isLoopback } from './http-guards'
import { refuseHttp, sendText } from './http-replies'

export interface ListenerSettings {
  readonly host: string
  readonly port: number
  /** Address that clients use, without a trailing slash. */
  readonly publicUrl: string
}

const MAX_CONNECTIONS = 4_096
const DRAIN_MS = 700

/** The HTTP front: who may talk here at all, and where a request goes. */
export class Listener {
  readonly #server: Server
  readonly #hosts: ReadonlySet<string>

  constructor(
    private readonly settings: ListenerSettings,
    private readonly source: Pick<BundleSource, 'current' | 'catchUp' | 'problem'>,
    private readonly endpoint: McpEndpoint,
    private readonly refusals: Refusals,
    private readonly metricsText: () => Promise<string>,
    private readonly log: Log,
  ) {
    this.#hosts = allowedHosts(settings.host, settings.publicUrl)
    // Deadlines for clients that send slowly on purpose; an answer may take as long as it needs.
    this.#server = createServer(
      {
        headersTimeout: 10_000,
        requestTimeout: 30_000,
        connectionsCheckingInterval: 2_000,
        keepAliveTimeout: 65_000,
        maxHeaderSize: 16_384,
      },
      (request, response) => void this.#handle(request, response),
    )
    this.#server.maxConnections = MAX_CONNECTIONS
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

  /** Takes no more connections; what is under way gets a moment, the rest is cut. */
  async stop(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    await Promise.race([closed, sleep(DRAIN_MS)])
    this.#server.closeAllConnections()
    await closed
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined)
    try {
      await this.#route(request, response)
    } catch (error) {
      this.log.error({ error }, 'a request failed')
      refuseHttp(response, 500, 'This proxy could not handle the request.')
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const problem = hostProblem(request, this.#hosts)
    if (problem) return refuseHttp(response, 403, problem, { connection: 'close' })
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    const slug = /^\/mcp\/([a-z0-9-]{1,63})$/.exec(path)?.[1]
    if (slug !== undefined) return this.#mcp(slug, request, response)
    if (path === '/mcp') return this.#mcp(EVERY_SERVER.slug, request, response)
    if (path === '/healthz') return sendText(response, 200, 'ok\n')
    if (path === '/readyz')
      return this.source.current
        ? sendText(response, 200, 'ready\n')
        : sendText(response, 503, `${this.source.problem}\n`)
    if (path === '/metrics' && isLoopback(request.socket.remoteAddress))
      return sendText(response, 200, await this.metricsText(), 'text/plain; version=0.0.4')
    // OAuth's well-known paths too: a client that finds metadata here would ignore the key it was given.
    refuseHttp(response, 404, 'Not found')
  }

  async #mcp(slug: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const enforcement = this.source.current
    if (!enforcement)
      return refuseHttp(response, 503, `This proxy decides nothing now: ${this.source.problem}.`, {
        'retry-after': '1',
      })
    const key = await this.#authenticate(enforcement, request.headers.authorization)
    if (!key) {
      this.refusals.unauthenticated(slug, request.socket.remoteAddress ?? 'unknown')
      return refuseHttp(response, 401, 'A valid key is needed: Authorization: Bearer ik_…', {
        'www-authenticate': 'Bearer',
        connection: 'close',
      })
    }
    const server = slug === EVERY_SERVER.slug ? EVERY_SERVER : this.source.current?.servers.get(slug)
    if (!server) return refuseHttp(response, 404, `There is no server "${slug}" here.`)
    await this.endpoint.handle({ request, response, key, server })
  }

  /** A well-formed key that nobody bears may just have been issued; whether its prefix is known makes no difference. */
  async #authenticate(enforcement: Enforcement, authorization: string | undefined): Promise<EnforcedKey | null> {
    const key = authenticate(enforcement, authorization, Date.now())
    if (key || !KEY_PATTERN.test(authorization?.slice('Bearer '.length) ?? '')) return key
    await this.source.catchUp()
    return this.source.current ? authenticate(this.source.current, authorization, Date.now()) : null
  }
}
