import type { Sql } from '@/lib/db/sql'
import { readHeads } from '../read-links'

/** The newest numbers of all chains, read once for every sink. */
export class Heads {
  #heads: ReadonlyMap<string, number> = new Map()
  #waiting: (() => void)[] = []

  constructor(private readonly sql: Sql) {}

  get current(): ReadonlyMap<string, number> {
    return this.#heads
  }

  /** Reads them anew and wakes whoever waits when a record came. */
  async refresh(): Promise<void> {
    const heads = await readHeads(this.sql)
    const isNew = [...heads].some(([chain, head]) => this.#heads.get(chain) !== head)
    this.#heads = heads
    if (isNew) this.wake()
  }

  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }

  /** Resolves with the next record, or after `mostMs`, or when `signal` aborts. */
  next(mostMs: number, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const go = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', go)
        resolve()
      }
      const timer = setTimeout(go, mostMs)
      if (signal.aborted) return go()
      signal.addEventListener('abort', go, { once: true })
      this.#waiting.push(go)
    })
  }
}
