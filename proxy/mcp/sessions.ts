import { isStillGood } from '../authenticate'
import { type EnforcedKey, type EnforcedServer, type Enforcement, grantsOf } from '../enforcement'
import { CHILD_BOUNDS } from './children'
import type { Session } from './session'
import type { SessionStreams } from './session-streams'

/** A client's session over HTTP, with one server or with all. */
export interface HttpSession
  extends Pick<Session<SessionStreams>, 'facts' | 'key' | 'streams' | 'lastUsedAt' | 'hasUpstream'>,
    Pick<Session, 'answer' | 'take' | 'sweep' | 'close' | 'tellToolsChanged' | 'isBusy'> {
  /** Of a session with all servers: puts each under what is in force now. @returns what it can see */
  review?(enforcement: Enforcement): string
}

/**
 * Bounds of what one proxy and one identity hold open. A session that nobody uses ends; one with a child of its own also
 * while its client listens, since what the child holds in memory could not be given to another (docs/decisions/children.md).
 */
export const SESSION_BOUNDS = {
  total: 1_000,
  perIdentity: 100,
  idleMs: 30 * 60_000,
  childIdleMs: 30 * 60_000,
  sweepMs: 5_000,
}

interface Held {
  readonly session: HttpSession
  /** That began it. */
  readonly key: EnforcedKey
}

/** The sessions of this proxy. */
export class Sessions {
  readonly #sessions = new Map<string, Held>()
  /** What each session could see when it was told last. */
  readonly #sights = new Map<string, string>()
  #timer: NodeJS.Timeout | null = null

  get size(): number {
    return this.#sessions.size
  }

  start(): void {
    this.#timer = setInterval(() => this.#sweep(Date.now()), SESSION_BOUNDS.sweepMs)
    this.#timer.unref()
  }

  /** Whether this identity may open another. */
  hasRoom(identityId: string): boolean {
    if (this.#sessions.size >= SESSION_BOUNDS.total) return false
    let own = 0
    for (const { key } of this.#sessions.values()) if (key.identityId === identityId) own += 1
    return own < SESSION_BOUNDS.perIdentity
  }

  /**
   * Makes room for one more child: where this identity has as many of this server as it may, the session goes that was used
   * longest ago and that nobody listens on. Clients often go without saying so.
   */
  async makeRoom(identityId: string, server: EnforcedServer): Promise<void> {
    if (server.transport !== 'stdio' || server.isShared) return
    const own = [...this.#sessions.values()].filter(
      ({ session, key }) =>
        key.identityId === identityId && session.facts.server.slug === server.slug && session.hasUpstream,
    )
    if (own.length < CHILD_BOUNDS.ofIdentityAndServer) return
    const [oldest] = own
      .map(({ session }) => session)
      .filter(session => !session.isBusy && !session.streams.isBusy)
      .sort((a, b) => a.lastUsedAt - b.lastUsedAt)
    await oldest?.close('The session was idle, and its identity has begun another.')
  }

  add(session: HttpSession, key: EnforcedKey, enforcement: Enforcement | null): void {
    this.#sessions.set(session.facts.id, { session, key })
    if (enforcement) this.#sights.set(session.facts.id, sightOf(session, enforcement))
  }

  /** A session is found only by the identity that began it, and only on its own server; else it does not exist. */
  find(id: string, key: EnforcedKey, slug: string): HttpSession | null {
    const { session } = this.#sessions.get(id) ?? {}
    if (!session || session.key.identityId !== key.identityId || session.facts.server.slug !== slug) return null
    return session
  }

  forget(session: Pick<HttpSession, 'facts'>): void {
    this.#sessions.delete(session.facts.id)
    this.#sights.delete(session.facts.id)
  }

  /** A new enforcement is in force: what lost its ground ends, and clients whose list may have changed are told. */
  onActivate(enforcement: Enforcement): void {
    for (const held of this.#sessions.values()) {
      const { session } = held
      const reason = endedBy(held, enforcement)
      if (reason) {
        void session.close(reason)
        continue
      }
      const sight = sightOf(session, enforcement)
      const { id } = session.facts
      if (this.#sights.get(id) === sight) continue
      this.#sights.set(id, sight)
      if (session.streams.hasGet) session.tellToolsChanged()
    }
  }

  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    await Promise.all([...this.#sessions.values()].map(({ session }) => session.close('The proxy is stopping.')))
  }

  #sweep(now: number): void {
    for (const { session, key } of this.#sessions.values()) {
      session.sweep(now, SESSION_BOUNDS.childIdleMs)
      const isIdle = now - session.lastUsedAt > SESSION_BOUNDS.idleMs && !session.streams.isBusy
      if (isIdle) void session.close('The session was idle.')
      const { expiresAt } = key
      if (expiresAt !== null && expiresAt <= now) void session.close('The key of this session has expired.')
    }
  }
}

/** Why a session must end; null when it may go on. */
function endedBy({ session, key }: Held, enforcement: Enforcement): string | null {
  const { facts } = session
  if (!isStillGood(enforcement, key, Date.now())) return 'The key of this session is not valid any more.'
  if (session.review) return null
  const server = enforcement.servers.get(facts.server.slug)
  if (!server || server.id !== facts.server.id) return 'The server was removed.'
  if (launchText(server) !== launchText(facts.server)) return 'The server was changed. Begin a new session.'
  const isGranted = grantsOf(enforcement, key.identityId, server, Date.now()).length > 0
  return isGranted && !session.hasUpstream ? 'The server was granted. Begin a new session.' : null
}

/** How a server is reached: what talks to it must begin anew when this differs. */
export function launchText(server: Session['facts']['server']): string {
  const { transport, command, url, allowPrivate, isShared = false, isSse = false, sealed } = server
  const credentials = sealed && Buffer.from(sealed).toString('base64')
  return JSON.stringify([transport, command, url, allowPrivate, isShared, isSse, credentials])
}

function sightOf(session: HttpSession, enforcement: Enforcement): string {
  const { key, facts } = session
  return session.review?.(enforcement) ?? sightText(key.identityId, facts.server.slug, enforcement)
}

/** What decides which names an identity sees on a server: a list may differ when this does. */
export function sightText(identityId: string, slug: string, enforcement: Enforcement): string {
  const server = enforcement.servers.get(slug)
  if (!server) return ''
  const grants = grantsOf(enforcement, identityId, server, Date.now()).map(({ id }) => id)
  const policies = server.policies.map(({ digest }) => digest)
  return JSON.stringify([grants, policies, server.drift, [...server.tools.values()].map(tool => tool.pinnedDigest)])
}
