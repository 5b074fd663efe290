/** What one source may have written singly within a minute; the rest is counted. */
export const SINGLY_PER_MINUTE = 10
const MAX_SOURCES = 10_000

export interface Flood<What> {
  readonly source: string
  /** Beyond those that were written singly. */
  readonly rest: number
  /** The last of them. */
  readonly what: What
}

/** Refusals that anybody can cause at will, by who causes them: so that a flood of them fills no disk. */
export class Floods<What> {
  readonly #sources = new Map<string, { count: number; what: What }>()

  /** Whether it is to be written singly; else it is counted. */
  admit(source: string, what: What): boolean {
    const count = (this.#sources.get(source)?.count ?? 0) + 1
    this.#sources.set(source, { count, what })
    return count <= SINGLY_PER_MINUTE
  }

  /** Whether so many sources are known that they must be taken before another comes. */
  isFull(source: string): boolean {
    return this.#sources.size >= MAX_SOURCES && !this.#sources.has(source)
  }

  /** What was counted since the last time. */
  take(): Flood<What>[] {
    const floods = [...this.#sources].map(([source, { count, what }]) => ({
      source,
      rest: count - SINGLY_PER_MINUTE,
      what,
    }))
    this.#sources.clear()
    return floods.filter(({ rest }) => rest > 0)
  }
}
