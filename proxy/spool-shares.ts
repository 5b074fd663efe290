/**
 * How much of the spool each identity's decisions take, so that one that floods while Postgres is away is refused before it
 * has filled what is the others'. Told by segment, since room is given back by segment.
 */
export class SpoolShares {
  readonly #bySegment = new Map<number, Map<string, number>>()
  readonly #held = new Map<string, number>()

  /** @param shareBytes what one identity may take */
  constructor(private readonly shareBytes: number) {}

  isOver(identityId: string): boolean {
    return (this.#held.get(identityId) ?? 0) > this.shareBytes
  }

  take(segment: number, identityId: string, bytes: number): void {
    const taken = this.#bySegment.get(segment) ?? new Map<string, number>()
    this.#bySegment.set(segment, taken)
    taken.set(identityId, (taken.get(identityId) ?? 0) + bytes)
    this.#held.set(identityId, (this.#held.get(identityId) ?? 0) + bytes)
  }

  /** It was not written. */
  giveBack(segment: number, identityId: string, bytes: number): void {
    if (this.#bySegment.get(segment)?.has(identityId)) this.take(segment, identityId, -bytes)
  }

  /** The segment is gone. */
  release(segment: number): void {
    for (const [identityId, bytes] of this.#bySegment.get(segment) ?? []) {
      const left = (this.#held.get(identityId) ?? 0) - bytes
      if (left > 0) this.#held.set(identityId, left)
      else this.#held.delete(identityId)
    }
    this.#bySegment.delete(segment)
  }
}
