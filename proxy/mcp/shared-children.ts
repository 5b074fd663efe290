import type { EnforcedServer } from '../enforcement'
import type { Log } from '../log'
import { launchText } from './sessions'
import { SHARED_BOUNDS, SharedChild } from './shared-child'
import { SharedLeg } from './shared-leg'
import type { Upstream, UpstreamEvents } from './upstream'

/**
 * The children that serve several sessions (docs/decisions/children.md): one for each server and version of the
 * protocol, since a child settles on its version once.
 */
export class SharedChildren {
  readonly #children = new Map<string, SharedChild>()
  #timer: NodeJS.Timeout | null = null

  constructor(
    private readonly open: (server: EnforcedServer, events: UpstreamEvents) => Upstream,
    private readonly log: Log,
  ) {}

  /** A session's part of the child, which is started when the session begins. */
  join(server: EnforcedServer, events: UpstreamEvents): Upstream {
    return new SharedLeg(version => this.#child(server, version), events)
  }

  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    await Promise.all([...this.#children.values()].map(child => child.close()))
    this.#children.clear()
  }

  #child(server: EnforcedServer, version: string): SharedChild {
    const place = `${server.id} ${launchText(server)} ${version}`
    const known = this.#children.get(place)
    if (known) return known
    const child = new SharedChild(server.slug, version, events => this.open(server, events), this.log)
    this.#children.set(place, child)
    this.#timer ??= setInterval(() => this.#sweep(Date.now()), SHARED_BOUNDS.sweepMs).unref()
    return child
  }

  #sweep(now: number): void {
    for (const [place, child] of this.#children) {
      child.sweep(now)
      if (!child.isUsed) this.#children.delete(place)
    }
  }
}
