/**
 * A map of what comes and goes with each call. A `Map` that is filled and emptied makes a new table every few entries, and
 * each old table points to its successor: once one has grown old, V8's young collections keep every later one for its sake,
 * with all that stood in it, until the next full collection. Requests, bodies and answers then outlive their calls by far
 * (measured: twelve times as much was promoted, a fifth of the throughput). So what stands in the table is a slot, and it is
 * emptied when its entry goes.
 */
export class CallMap<Key, Value> {
  readonly #slots = new Map<Key, { value: Value | undefined }>()

  get size(): number {
    return this.#slots.size
  }

  has(key: Key): boolean {
    return this.#slots.has(key)
  }

  get(key: Key): Value | undefined {
    return this.#slots.get(key)?.value
  }

  set(key: Key, value: Value): void {
    this.take(key)
    this.#slots.set(key, { value })
  }

  /** Removes an entry. @returns its value; undefined when there is none */
  take(key: Key): Value | undefined {
    const slot = this.#slots.get(key)
    if (!slot) return undefined
    const { value } = slot
    this.#slots.delete(key)
    slot.value = undefined
    return value
  }

  keys(): IterableIterator<Key> {
    return this.#slots.keys()
  }

  *values(): IterableIterator<Value> {
    for (const { value } of this.#slots.values()) if (value !== undefined) yield value
  }

  *[Symbol.iterator](): IterableIterator<[Key, Value]> {
    for (const [key, { value }] of this.#slots) if (value !== undefined) yield [key, value]
  }

  clear(): void {
    for (const key of this.#slots.keys()) this.take(key)
  }
}
