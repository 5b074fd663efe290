import { can, type Role } from '@/lib/auth/model'
import { readSession, type SignedInMember } from '@/lib/auth/sessions'
import { database } from '@/lib/db/current'
import { sqlOver } from '@/lib/db/sql'
import { isSearch, type RecordFilter } from '../filter/model'
import { readBatch, readBatchesAfter } from './batches'
import { RecordFollower } from './follower'
import type { TailedRecord } from './matches'
import { type Ending, Viewer } from './viewer'

/** Each one is an open connection and a filter to ask of every record. */
export const MOST_VIEWERS = 50
/** A member who is disabled or whose role is gone stops seeing records this soon, in milliseconds. */
export const CHECK_EVERY_MS = 3_000
/** Batches that a viewer who comes back gets at most; past it the page reads itself anew. */
const MOST_MISSED = 100

/** There are as many viewers as this console takes. */
export class TailFull extends Error {
  constructor() {
    super(`${MOST_VIEWERS} people follow the record through this console already. Try again when one has left.`)
  }
}

/** Hands every shipped record to those who watch, each by their own filter and role. One of it a process. */
export class TailHub {
  readonly #viewers = new Set<Viewer>()
  #follower: RecordFollower | null = null
  #timer: NodeJS.Timeout | undefined

  get size(): number {
    return this.#viewers.size
  }

  /**
   * @param after number of the batch that the viewer saw last; what came since is sent first
   * @throws TailFull
   */
  open(member: Pick<SignedInMember, 'sessionId'>, filter: RecordFilter, after: number | null): Viewer {
    if (this.#viewers.size >= MOST_VIEWERS) throw new TailFull()
    const viewer = new Viewer(member.sessionId, filter, gone => this.#leave(gone))
    this.#viewers.add(viewer)
    const follower = this.#follow()
    void follower.placed.then(() => viewer.send('ready', {}, follower.upTo))
    if (after !== null) void this.#catchUp(viewer, after)
    return viewer
  }

  /** Ends all streams, when the process stops. */
  close(): void {
    for (const viewer of this.#viewers) viewer.end('stopping')
  }

  #follow(): RecordFollower {
    if (this.#follower) return this.#follower
    const follower = new RecordFollower({
      onRecords: (records, upTo, isCut) => {
        const nowMs = Date.now()
        for (const viewer of this.#viewers) viewer.show(records, upTo, isCut, nowMs)
      },
      needsArguments: () => [...this.#viewers].some(({ filter }) => isSearch(filter)),
    })
    this.#follower = follower
    follower.start()
    this.#timer = setInterval(() => void this.#check(), CHECK_EVERY_MS)
    this.#timer.unref()
    return follower
  }

  #leave(viewer: Viewer): void {
    this.#viewers.delete(viewer)
    if (this.#viewers.size > 0) return
    this.#follower?.stop()
    this.#follower = null
    clearInterval(this.#timer)
  }

  /** Sends what was shipped since; rows may come twice, since new ones arrive meanwhile. */
  async #catchUp(viewer: Viewer, after: number): Promise<void> {
    try {
      const sql = sqlOver(database().pool)
      const missed = await readBatchesAfter(sql, after, MOST_MISSED + 1)
      const records: TailedRecord[] = []
      for (const batch of missed.slice(0, MOST_MISSED))
        records.push(...(await readBatch(sql, batch, isSearch(viewer.filter))))
      const last = missed.at(-1)?.id
      if (last !== undefined) viewer.show(records, last, missed.length > MOST_MISSED)
    } catch {
      // Postgres is away: the page is told to read itself anew.
      viewer.show([], after, true)
    }
  }

  /** Asks of every session whether it still is one, and may still see what its filter looks for. */
  async #check(): Promise<void> {
    for (const sessionId of new Set([...this.#viewers].map(viewer => viewer.sessionId))) {
      const member = await readSession(sessionId).catch(() => undefined)
      if (member === undefined) continue // Postgres is away, and so are records.
      for (const viewer of [...this.#viewers].filter(each => each.sessionId === sessionId)) {
        const ending = endingFor(member?.roles, viewer.filter)
        if (ending) viewer.end(ending)
        else viewer.beat()
      }
    }
  }
}

function endingFor(roles: readonly Role[] | undefined, filter: RecordFilter): Ending | null {
  if (!roles) return 'signed-out'
  const actor = { kind: 'member' as const, id: null, name: '', roles, source: '' }
  if (!can(actor, 'read')) return 'forbidden'
  return isSearch(filter) && !can(actor, 'read.arguments') ? 'forbidden' : null
}

// On globalThis, since Next may load this module once per bundle and there is one LISTEN connection a process.
const holder = globalThis as typeof globalThis & { interceptTail?: TailHub }

export function tailHub(): TailHub {
  if (holder.interceptTail) return holder.interceptTail
  const hub = new TailHub()
  holder.interceptTail = hub
  // A server that stops waits for its open streams. Where nobody handles the signal, it ends the process by itself.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    if (process.listenerCount(signal) > 0) process.once(signal, () => hub.close())
  return hub
}
