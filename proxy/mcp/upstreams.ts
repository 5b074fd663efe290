import { createRequire } from 'node:module'
import type { LookupFunction } from 'node:net'
import type { Pool } from 'undici'
import { checkedLookup, checkUpstreamUrl } from '@/lib/catalogue/addresses'
import { openCredentials } from '@/lib/catalogue/credentials'
import type { Launch } from '@/lib/catalogue/launch'
import type { EnforcedServer } from '../enforcement'
import type { Log } from '../log'
import { removeLeftHomes } from './child-home'
import { Children } from './children'
import type { HttpWay } from './modern-http'
import { SharedChildren } from './shared-children'
import { type Upstream, type UpstreamEvents, UpstreamRefused } from './upstream'
import { EitherUpstream } from './upstream-either'
import { HttpUpstream } from './upstream-http'
import { SseUpstream } from './upstream-sse'

// Loaded with the first server over HTTP: it takes 80 ms, which `intercept run` has no time for before a child.
const load = createRequire(import.meta.url)

/** To one origin; each session over HTTP holds one for its own stream. */
const MAX_CONNECTIONS = 2_048
const CONNECT_MS = 10_000

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

/** Opens the legs to upstream servers, and keeps count of them. */
export class Upstreams {
  readonly #children: Children
  readonly #shared: SharedChildren
  readonly #pools = new Map<string, Pool>()

  constructor(
    private readonly settings: UpstreamSettings,
    private readonly log: Log,
  ) {
    this.#children = new Children(log)
    this.#shared = new SharedChildren((server, events) => this.#startChild(server, null, events), log)
    removeLeftHomes()
  }

  get children(): number {
    return this.#children.count
  }

  /** The leg of one session. @param identityId whose it is @throws UpstreamRefused when it must not or cannot be now */
  open(server: EnforcedServer, identityId: string, events: UpstreamEvents): Upstream {
    if (server.transport === 'http') return this.#openHttp(server, events)
    return server.isShared ? this.#shared.join(server, events) : this.#startChild(server, identityId, events)
  }

  /** A child of its own for one identity, whatever the server's sessions share. @throws UpstreamRefused */
  openChild(server: EnforcedServer, identityId: string, events: UpstreamEvents): Upstream {
    return this.#startChild(server, identityId, events)
  }

  /** How a server over HTTP is reached. @throws UpstreamRefused when it must not be now */
  wayTo(server: EnforcedServer): HttpWay {
    const { headers } = this.#credentials(server)
    const url = this.#checkedUrl(server)
    return { pool: this.#pool(url, server.allowPrivate), path: url.pathname + url.search, headers }
  }

  async close(): Promise<void> {
    await Promise.all([this.#shared.close(), ...[...this.#pools.values()].map(pool => pool.destroy())])
  }

  #openHttp(server: EnforcedServer, events: UpstreamEvents): Upstream {
    const { pool, path, headers } = this.wayTo(server)
    const sse = (on: UpstreamEvents) => new SseUpstream({ pool, url: this.#checkedUrl(server), headers }, on)
    if (server.isSse) return sse(events)
    return new EitherUpstream({ streamable: on => new HttpUpstream(pool, path, headers, on), sse }, events)
  }

  #startChild(server: EnforcedServer, identityId: string | null, events: UpstreamEvents): Upstream {
    const { slug, command } = server
    const { environment } = this.#credentials(server)
    const { searchPath, given } = this.settings
    const start = { slug, command, environment, searchPath, launch: given?.launch, onStderr: given?.onStderr }
    return this.#children.start(start, identityId, events)
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
}
