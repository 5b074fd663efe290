import { createRequire } from 'node:module'
import type { LookupFunction } from 'node:net'
import type { Pool } from 'undici'
import { maskSecrets } from '@/lib/audit/secret-shapes'
import { checkedLookup, checkUpstreamUrl } from '@/lib/catalogue/addresses'
import { openCredentials } from '@/lib/catalogue/credentials'
import type { Launch } from '@/lib/catalogue/launch'
import type { EnforcedServer } from '../enforcement'
import type { Log } from '../log'
import { removeLeftHomes } from './child-home'
import type { HttpWay } from './modern-http'
import type { Upstream, UpstreamEvents } from './upstream'
import { HttpUpstream } from './upstream-http'
import { type ChildExit, StdioUpstream } from './upstream-stdio'

// Loaded with the first server over HTTP: it takes 80 ms, which `intercept run` has no time for before a child.
const load = createRequire(import.meta.url)

/** Children of this proxy at once. */
const MAX_CHILDREN = 256
/** To one origin; each session over HTTP holds one for its own stream. */
const MAX_CONNECTIONS = 2_048
const CONNECT_MS = 10_000
/** After a child that ended before it could serve, the next one waits, longer each time. */
const BACKOFF_FIRST_MS = 500
const BACKOFF_LAST_MS = 30_000

export interface UpstreamSettings {
  /** INTERCEPT_SECRET, to open a server's credentials when they are used and not before. */
  readonly secret: string
  readonly searchPath: string
  /** The one server of a proxy that runs alone, as the person who runs it has given it. */
  readonly given?: GivenUpstream
}

export interface GivenUpstream {
  /** Of a stdio server. */
  readonly launch?: Launch
  readonly headers: Readonly<Record<string, string>>
  readonly onStderr: (chunk: Buffer) => void
}

/** An upstream cannot be opened now; the message is for the caller. */
export class UpstreamRefused extends Error {}

/** Opens the legs to upstream servers, and keeps count of them. */
export class Upstreams {
  #children = 0
  readonly #pools = new Map<string, Pool>()
  readonly #failures = new Map<string, { count: number; until: number }>()
  readonly #warned = new Set<string>()

  constructor(
    private readonly settings: UpstreamSettings,
    private readonly log: Log,
  ) {
    removeLeftHomes()
  }

  get children(): number {
    return this.#children
  }

  /** @throws UpstreamRefused when it must not or cannot be opened now */
  open(server: EnforcedServer, events: UpstreamEvents): Upstream {
    if (server.transport === 'stdio') return this.#startChild(server, this.#credentials(server).environment, events)
    const { pool, path, headers } = this.wayTo(server)
    return new HttpUpstream(pool, path, headers, events)
  }

  /** How a server over HTTP is reached. @throws UpstreamRefused when it must not be now */
  wayTo(server: EnforcedServer): HttpWay {
    const { headers } = this.#credentials(server)
    const url = this.#checkedUrl(server)
    return { pool: this.#pool(url, server.allowPrivate), path: url.pathname + url.search, headers }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(pool => pool.destroy()))
  }

  #startChild(
    { slug, command }: EnforcedServer,
    environment: Record<string, string>,
    events: UpstreamEvents,
  ): Upstream {
    this.#admit(slug)
    const { searchPath, given } = this.settings
    const start = { slug, command, environment, searchPath, launch: given?.launch, onStderr: given?.onStderr }
    const child = new StdioUpstream(start, events, exit => this.#exited(slug, exit))
    this.#children += 1
    if (!child.isSeparate && !given) this.#warnShared(slug)
    return child
  }

  #checkedUrl(server: EnforcedServer): URL {
    try {
      return checkUpstreamUrl(server.url ?? '', server.allowPrivate)
    } catch (error) {
      this.log.error({ server: server.slug, problem: (error as Error).message }, 'an upstream address is refused')
      throw new UpstreamRefused('The address of this server is not one that this proxy may call. Ask an admin.')
    }
  }

  /** One pool an origin, shared by all sessions. Names are resolved and judged when it connects. */
  #pool(url: URL, allowPrivate: boolean): Pool {
    const place = `${url.origin} ${allowPrivate}`
    const known = this.#pools.get(place)
    if (known) return known
    const lookup = checkedLookup(allowPrivate) as LookupFunction
    const undici: typeof import('undici') = load('undici')
    const pool = new undici.Pool(url.origin, {
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      connect: { timeout: CONNECT_MS, lookup },
    })
    this.#pools.set(place, pool)
    return pool
  }

  #credentials(server: EnforcedServer) {
    const { given } = this.settings
    if (given) return { environment: {}, headers: given.headers }
    try {
      return openCredentials(this.settings.secret, server)
    } catch (error) {
      this.log.error({ server: server.slug, problem: (error as Error).message }, 'credentials do not open')
      throw new UpstreamRefused('The credentials of this server cannot be used. Ask an admin to set them again.')
    }
  }

  #admit(slug: string): void {
    if (this.#children >= MAX_CHILDREN)
      throw new UpstreamRefused('This proxy runs as many servers as it may. Try again later.')
    const failure = this.#failures.get(slug)
    const waitMs = (failure?.until ?? 0) - Date.now()
    if (waitMs <= 0) return
    const seconds = Math.ceil(waitMs / 1000)
    throw new UpstreamRefused(
      `The server ${slug} ended right after its start. It is started again in ${seconds} s at the earliest.`,
    )
  }

  #exited(slug: string, exit: ChildExit): void {
    this.#children -= 1
    if (!exit.isFailedStart) {
      this.#failures.delete(slug)
      return
    }
    const count = (this.#failures.get(slug)?.count ?? 0) + 1
    const waitMs = Math.min(BACKOFF_FIRST_MS * 2 ** (count - 1), BACKOFF_LAST_MS)
    this.#failures.set(slug, { count, until: Date.now() + waitMs })
    const stderr = maskSecrets(exit.stderr.slice(-1_000))
    this.log.warn({ server: slug, exit: exit.description, stderr, waitMs }, 'a server ended right after its start')
  }

  #warnShared(slug: string): void {
    if (process.getuid?.() !== 0 || this.#warned.has(slug)) return
    this.#warned.add(slug)
    this.log.warn(
      { server: slug },
      'this server runs as root, since its files lie where only root can go; put them where everybody may read',
    )
  }
}
