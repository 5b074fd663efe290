import { MOST_SEEN, type SeenCheckpoint } from '@/lib/audit/checkpoint'
import { type CheckpointHeads, readCheckpointHeads } from '@/lib/audit/store'
import type { Sql } from '@/lib/db/sql'

/** What the next checkpoint names of others. */
export interface Named {
  readonly seen: SeenCheckpoint[]
  readonly statement: string | null
}

const EVERY_MS = 10_000

/**
 * The newest checkpoints of other proxies, as Postgres holds them: each proxy names them in its own checkpoints, so that a
 * proxy's chain cannot vanish without contradicting the others. Asked in the background, since signing must not wait.
 */
export class Others {
  #heads: CheckpointHeads = { heads: [], statement: null }
  /** When each was last named: those that waited longest come first. */
  readonly #named = new Map<string, number>()
  #timer: NodeJS.Timeout | null = null
  #turn = 0

  constructor(
    private readonly sql: Sql,
    private readonly proxy: string,
  ) {}

  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.refresh(), EVERY_MS)
    this.#timer.unref()
    await this.refresh()
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
  }

  /** Asks Postgres; without an answer what was known before stays. */
  async refresh(): Promise<void> {
    const heads = await readCheckpointHeads(this.sql, this.proxy).catch(() => null)
    if (heads) this.#heads = heads
  }

  take(): Named {
    const turn = ++this.#turn
    const { heads, statement } = this.#heads
    const inTurn = [...heads].sort((a, b) => (this.#named.get(a.proxy) ?? 0) - (this.#named.get(b.proxy) ?? 0))
    const seen = inTurn.slice(0, MOST_SEEN)
    for (const { proxy } of seen) this.#named.set(proxy, turn)
    return { seen, statement }
  }
}
