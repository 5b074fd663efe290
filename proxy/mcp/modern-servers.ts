import type { SeenTool } from '@/lib/catalogue/definitions'
import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import type { EnforcedServer, Enforcement } from '../enforcement'
import type { Log } from '../log'
import type { RequestMessage, ResponseMessage } from './messages'
import { ModernDefinitions } from './modern-definitions'
import { ModernHttpLeg } from './modern-http'
import { type ModernLeg, ownHeaders } from './modern-leg'
import { ModernStdioLeg } from './modern-stdio'
import { MODERN_VERSION, ownRequest, speaksModern } from './modern-version'
import { launchText } from './sessions'
import { UpstreamRefused } from './upstream'
import type { Upstreams } from './upstreams'

/** A way to a server of the stateless protocol. */
export interface Reached {
  readonly leg: ModernLeg
  readonly definitions: ModernDefinitions
}

type Protocol = 'modern' | 'older' | 'silent'

/** What is known of one server, as it is reached now. */
interface Place {
  readonly launch: string
  /** Until when the protocol is believed, Unix ms. */
  until: number
  protocol: Protocol | null
  probe: Promise<Protocol> | null
  /** Over HTTP one for all, under ''; of children one an identity, so that none serves two. */
  readonly ways: Map<string, Reached & { usedAt: number }>
}

/** A server that was changed in place is found out within this time; one that did not answer is asked again soon. */
const BELIEVED_MS: Readonly<Record<Protocol, number>> = { modern: 60 * 60_000, older: 10 * 60_000, silent: 5_000 }
const PROBE_MS = 10_000
const LIST_MS = 60_000
const IDLE_MS = 5 * 60_000

/** Tells which servers speak the stateless protocol, and holds the ways to those that do. */
export class ModernServers {
  readonly #places = new Map<string, Place>()

  constructor(
    private readonly upstreams: Pick<Upstreams, 'openChild' | 'wayTo'>,
    private readonly onList: (server: EnforcedServer, tools: readonly JsonValue[], seen: readonly SeenTool[]) => void,
    private readonly log: Log,
  ) {}

  /** Whether this server is known to speak the protocol; nothing is started to find out. */
  isKnown(server: EnforcedServer): boolean {
    return this.#place(server).protocol === 'modern'
  }

  /**
   * The way to a server for an identity; null when it speaks an older protocol or does not answer. Whether it does, is
   * asked once and believed for a while.
   * @throws UpstreamRefused when it cannot be opened now
   */
  async reach(server: EnforcedServer, identityId: string): Promise<Reached | null> {
    const place = this.#place(server)
    if (place.protocol === null || place.until <= Date.now()) {
      place.probe ??= this.#probe(place, server, identityId).finally(() => {
        place.probe = null
      })
      await place.probe
    }
    if (place.protocol !== 'modern') return null
    const way = this.#way(place, server, identityId)
    way.usedAt = Date.now()
    return way
  }

  /** It answered as a server of an older protocol does: it is asked again before it is used again. */
  doubt(server: EnforcedServer): void {
    this.#place(server).until = 0
  }

  /** A new enforcement is in force: what is reached in another way now begins anew. */
  onActivate(enforcement: Enforcement): void {
    for (const [id, place] of this.#places) {
      const current = [...enforcement.servers.values()].find(server => server.id === id)
      if (current && launchText(current) === place.launch) continue
      this.#places.delete(id)
      void closeAll(place)
    }
  }

  /** Ends children that nobody uses. */
  sweep(now: number): void {
    for (const { ways } of this.#places.values())
      for (const [key, { leg, usedAt }] of ways) {
        if (leg.size > 0 || now - usedAt < IDLE_MS) continue
        ways.delete(key)
        void leg.close()
      }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#places.values()].map(closeAll))
  }

  #place(server: EnforcedServer): Place {
    const launch = launchText(server)
    const known = this.#places.get(server.id)
    if (known?.launch === launch) return known
    if (known) void closeAll(known)
    const place: Place = { launch, until: 0, protocol: null, probe: null, ways: new Map() }
    this.#places.set(server.id, place)
    return place
  }

  #way(place: Place, server: EnforcedServer, identityId: string): Reached & { usedAt: number } {
    const key = server.transport === 'stdio' ? identityId : ''
    const known = place.ways.get(key)
    if (known) return known
    const leg =
      server.transport === 'stdio'
        ? new ModernStdioLeg(
            events => this.upstreams.openChild(server, identityId, events),
            () => place.ways.delete(key),
          )
        : new ModernHttpLeg(this.upstreams.wayTo(server))
    const definitions = new ModernDefinitions(
      cursor => listTools(leg, cursor),
      (tools, seen) => this.onList(server, tools, seen),
      problem => this.log.warn({ server: server.slug, problem }, 'a list of tools cannot be judged'),
    )
    const way = { leg, definitions, usedAt: Date.now() }
    place.ways.set(key, way)
    return way
  }

  async #probe(place: Place, server: EnforcedServer, identityId: string): Promise<Protocol> {
    const { leg } = this.#way(place, server, identityId)
    const answer = await ask(leg, ownRequest('server/discover'), PROBE_MS)
    const protocol = typeof answer === 'string' ? UNANSWERED[answer] : speaksModern(answer) ? 'modern' : 'older'
    if (protocol !== 'modern') void closeAll(place)
    place.protocol = protocol
    place.until = Date.now() + BELIEVED_MS[protocol]
    this.log.info(
      { server: server.slug, protocol, until: new Date(place.until) },
      'a server was asked for its protocol',
    )
    return protocol
  }
}

/** Why there is no way, in words for the caller. */
export function problemOf(error: unknown, slug: string): string {
  return error instanceof UpstreamRefused ? error.message : `The server ${slug} could not be started.`
}

/** Refused without an answer, not reached, or not answered in time. */
type Unanswered = 'refused' | 'unreached' | 'late'

// Servers of older protocols refuse in their HTTP status, or say nothing before `initialize`.
const UNANSWERED: Readonly<Record<Unanswered, Protocol>> = { refused: 'older', unreached: 'silent', late: 'older' }

/** One request of the proxy's own. */
function ask(leg: ModernLeg, message: RequestMessage, withinMs: number): Promise<ResponseMessage | Unanswered> {
  return new Promise(resolve => {
    const timer = setTimeout(() => {
      giveUp()
      resolve('late')
    }, withinMs)
    const settle = (answer: ResponseMessage | Unanswered) => {
      clearTimeout(timer)
      resolve(answer)
    }
    const giveUp = leg.send(message, ownHeaders(message, MODERN_VERSION), {
      onNotification: () => undefined,
      onResponse: settle,
      onFailure: ({ status }) => settle(isRefusal(status) ? 'refused' : 'unreached'),
    })
  })
}

function isRefusal(status: number | null): boolean {
  return status !== null && status >= 400 && status < 500 && status !== 429
}

async function listTools(leg: ModernLeg, cursor: JsonValue | undefined): Promise<JsonObject | null> {
  const message = ownRequest('tools/list', cursor === undefined ? {} : { cursor })
  const answer = await ask(leg, message, LIST_MS)
  const result = typeof answer === 'string' ? undefined : answer.body.result
  return isJsonObject(result) ? result : null
}

async function closeAll({ ways }: Place): Promise<void> {
  const legs = [...ways.values()].map(({ leg }) => leg)
  ways.clear()
  await Promise.all(legs.map(leg => leg.close()))
}
