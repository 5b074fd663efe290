import { maskSecrets } from '@/lib/audit/secret-shapes'
import type { Log } from '../log'
import { TooManyChildren, type Upstream, type UpstreamEvents, UpstreamRefused } from './upstream'
import { type ChildExit, type StdioServer, StdioUpstream } from './upstream-stdio'

/** Children at once: of one proxy, and of one identity's sessions with one server. */
export const CHILD_BOUNDS = { ofProxy: 200, ofIdentityAndServer: 16 }

/** After a child that ended before it could serve, the next one waits, longer each time. */
const BACKOFF_FIRST_MS = 500
const BACKOFF_LAST_MS = 30_000

/** Milliseconds to wait after so many failures in a row, from 1. */
export function backoffMs(failures: number): number {
  return Math.min(BACKOFF_FIRST_MS * 2 ** (failures - 1), BACKOFF_LAST_MS)
}

/** Starts children, and keeps count of them. */
export class Children {
  #count = 0
  readonly #lanes = new Map<string, number>()
  readonly #failures = new Map<string, { count: number; until: number }>()
  readonly #warned = new Set<string>()

  constructor(private readonly log: Log) {}

  get count(): number {
    return this.#count
  }

  /**
   * @param identityId whose session it is for; null for a child that serves several
   * @throws UpstreamRefused when no child may be started now
   */
  start(server: StdioServer, identityId: string | null, events: UpstreamEvents): Upstream {
    const { slug } = server
    this.#admit(slug)
    const leave = this.#enter(slug, identityId)
    let child: StdioUpstream
    try {
      child = new StdioUpstream(server, events, exit => {
        leave()
        this.#exited(slug, exit)
      })
    } catch (error) {
      leave()
      throw error
    }
    if (!child.isSeparate && !server.launch) this.#warnShared(slug)
    return child
  }

  #enter(slug: string, identityId: string | null): () => void {
    if (this.#count >= CHILD_BOUNDS.ofProxy)
      throw new TooManyChildren(
        `This proxy runs ${CHILD_BOUNDS.ofProxy} children, as many as it may. Try again later, or end a session.`,
      )
    const lane = `${slug} ${identityId}`
    const own = identityId === null ? 0 : (this.#lanes.get(lane) ?? 0)
    if (own >= CHILD_BOUNDS.ofIdentityAndServer)
      throw new TooManyChildren(
        `This identity has ${own} sessions with the server ${slug}, each with a child of its own: as many as it may. End one, or wait for idle ones to end.`,
      )
    this.#count += 1
    if (identityId !== null) this.#lanes.set(lane, own + 1)
    return () => {
      this.#count -= 1
      const left = (this.#lanes.get(lane) ?? 1) - 1
      if (left > 0) this.#lanes.set(lane, left)
      else this.#lanes.delete(lane)
    }
  }

  #admit(slug: string): void {
    const failure = this.#failures.get(slug)
    const waitMs = (failure?.until ?? 0) - Date.now()
    if (waitMs <= 0) return
    const seconds = Math.ceil(waitMs / 1000)
    throw new UpstreamRefused(
      `The server ${slug} ended right after its start. It is started again in ${seconds} s at the earliest.`,
    )
  }

  #exited(slug: string, exit: ChildExit): void {
    if (!exit.isFailedStart) {
      this.#failures.delete(slug)
      return
    }
    const count = (this.#failures.get(slug)?.count ?? 0) + 1
    const waitMs = backoffMs(count)
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
