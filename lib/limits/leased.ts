import { Lease, type Part } from './lease'
import type { CounterKey, CounterStore, LimitRequest, Reservation, ReserveOutcome } from './model'

/** Times that a call waits for what another one fetches, before it asks for itself. */
const MAX_WAITS = 64
const GIVE_BACK_EVERY_MS = 250

/** One limit of a call: what a lease covers of it, and what the store must give. */
interface Share {
  readonly request: LimitRequest
  readonly lease: Lease
  readonly covered: number
  readonly missing: number
}

/**
 * A shared store, with a little of each hot counter held ahead, so that most calls cost no round trip. What is held ahead is
 * taken from the store first: together the holders never let through more than `max`, also when one of them is killed. It
 * is at most a twentieth of `max`, grows only while a counter is busy, ends where the counter comes near its bound, and goes
 * back when it is not used.
 */
export class LeasedCounterStore implements CounterStore {
  readonly #leases = new Map<string, Lease>()
  #timer: NodeJS.Timeout | null = null

  constructor(private readonly store: CounterStore) {}

  /** Begins to give back what is not used. */
  start(): void {
    this.#timer = setInterval(() => void this.giveBackIdle(Date.now()).catch(() => undefined), GIVE_BACK_EVERY_MS)
    this.#timer.unref()
  }

  /** Gives everything back. @throws when the store does not answer; what was held ahead stays spent then */
  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    const leases = [...this.#leases.values()]
    this.#leases.clear()
    await Promise.allSettled(leases.map(({ filling }) => filling))
    const held = leases.flatMap(lease => lease.giveUp())
    await this.#giveBack(held, Date.now())
  }

  async reserve(requests: readonly LimitRequest[], now: number): Promise<ReserveOutcome> {
    for (let i = 0; ; i++) {
      const shares = this.#shares(requests, now)
      const busy =
        i < MAX_WAITS ? shares.flatMap(({ missing, lease }) => (missing > 0 ? (lease.filling ?? []) : [])) : []
      if (busy.length === 0) return this.#take(requests, shares, now)
      await Promise.all(busy)
    }
  }

  async refund({ taken }: Reservation, now: number): Promise<void> {
    await this.#giveBack(
      taken.filter(part => !this.#leases.get(part.key)?.takeBack(part)),
      now,
    )
  }

  /** What this proxy holds ahead is not used yet; what others hold counts as used. */
  async read(keys: readonly CounterKey[]): Promise<ReadonlyMap<string, number>> {
    const used = new Map(await this.store.read(keys))
    for (const { key, windowStart } of keys) {
      const ahead = this.#leases.get(key)?.leftIn(windowStart) ?? 0
      if (ahead > 0) used.set(key, Math.max(0, (used.get(key) ?? 0) - ahead))
    }
    return used
  }

  /** Gives back what has not been touched for a while, and forgets windows that are over. @param now Unix ms */
  async giveBackIdle(now: number): Promise<void> {
    const idle: Part[] = []
    for (const [key, lease] of this.#leases) {
      if (!lease.isIdle(now)) continue
      idle.push(...lease.giveUp())
      this.#leases.delete(key)
    }
    await this.#giveBack(idle, now)
  }

  /** Takes nothing yet: a call that must wait holds nothing meanwhile. */
  #shares(requests: readonly LimitRequest[], now: number): Share[] {
    const planned = new Map<string, number>()
    return requests
      .filter(({ cost }) => cost > 0)
      .map(request => {
        const lease = this.#lease(request, now)
        const before = planned.get(request.key) ?? 0
        const covered = Math.min(request.cost, Math.max(0, lease.usable(request, now) - before))
        planned.set(request.key, before + covered)
        return { request, lease, covered, missing: request.cost - covered }
      })
  }

  #lease(request: LimitRequest, now: number): Lease {
    const known = this.#leases.get(request.key)
    if (known && !known.isOver(now)) return known
    const lease = new Lease(request)
    this.#leases.set(request.key, lease)
    return lease
  }

  async #take(requests: readonly LimitRequest[], shares: readonly Share[], now: number): Promise<ReserveOutcome> {
    const local = shares.flatMap(({ lease, covered }) => lease.take(covered, now))
    const missing = shares.filter(share => share.missing > 0)
    if (missing.length === 0) return { ok: true, reservation: { taken: local } }
    try {
      const outcome = await this.#fetch(missing, now)
      if (outcome.ok) return { ok: true, reservation: { taken: [...local, ...outcome.reservation.taken] } }
      await this.refund({ taken: local }, now).catch(() => undefined)
      const short = missing[outcome.refused.index]?.request
      return { ok: false, refused: { ...outcome.refused, index: short ? requests.indexOf(short) : 0 } }
    } catch (error) {
      await this.refund({ taken: local }, now).catch(() => undefined)
      throw error
    }
  }

  /** Asks the store, for more than is needed where that serves the calls that follow. */
  async #fetch(missing: readonly Share[], now: number): Promise<ReserveOutcome> {
    const needed = missing.map(({ request, missing: cost }) => ({ ...request, cost }))
    const aheads = aheadsOf(missing, now)
    if (aheads.every(ahead => ahead === 0)) return this.store.reserve(needed, now)
    return fill(missing, async () => {
      const more = needed.map((request, i) => ({ ...request, cost: request.cost + (aheads[i] ?? 0) }))
      const outcome = await this.store.reserve(more, now)
      if (!outcome.ok) {
        // Near its bound nothing is held ahead any more, so that every proxy gets what is left.
        missing[outcome.refused.index]?.lease.stopAhead()
        return this.store.reserve(needed, now)
      }
      const taken = outcome.reservation.taken.map((part, i) => {
        const ahead = aheads[i] ?? 0
        missing[i]?.lease.add({ ...part, cost: ahead })
        return { ...part, cost: part.cost - ahead }
      })
      return { ok: true, reservation: { taken } }
    })
  }

  async #giveBack(parts: readonly Part[], now: number): Promise<void> {
    if (parts.length > 0) await this.store.refund({ taken: parts }, now)
  }
}

/** What to hold ahead of each; nothing unless all of them can, since a call that asks anyway gains nothing. */
function aheadsOf(missing: readonly Share[], now: number): number[] {
  const leases = missing.map(({ lease }) => lease)
  const isOnce = new Set(leases).size === leases.length
  if (!isOnce || !missing.every(({ lease, request }) => lease.mayHold(request, now))) return missing.map(() => 0)
  return missing.map(({ lease, request }) => lease.grow(request.cost, now))
}

/** While one call fetches, others that need the same wait for it; where it gets no answer they get none either. */
async function fill(shares: readonly Share[], fetch: () => Promise<ReserveOutcome>): Promise<ReserveOutcome> {
  const fetching = fetch()
  for (const { lease } of shares) lease.begin(fetching)
  try {
    return await fetching
  } finally {
    for (const { lease } of shares) lease.end()
  }
}
