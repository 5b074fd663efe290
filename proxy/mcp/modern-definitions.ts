import { readDefinitions } from '@/lib/catalogue/definitions'
import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import type { Soon } from '../when'
import { type AskPage, SessionDefinitions } from './session-definitions'

/** Without sessions nobody is told of every change, so a list is asked for again after this long. */
const FRESH_MS = 10_000

/** What an upstream without sessions says its tools are: to this proxy's credentials, whoever asks. */
export class ModernDefinitions {
  readonly #whole: SessionDefinitions
  #learntAt = 0
  #known: ReadonlyMap<string, string> = new Map()

  constructor(
    ask: AskPage,
    onList: ConstructorParameters<typeof SessionDefinitions>[1],
    private readonly onUnreadable: (problem: string) => void,
  ) {
    const learn: typeof onList = (tools, seen) => {
      this.#learntAt = Date.now()
      this.#known = new Map(seen.map(({ name, digest }) => [name, digest]))
      onList(tools, seen)
    }
    this.#whole = new SessionDefinitions(ask, learn, onUnreadable)
  }

  /** Digest of the tool's definition; null when the upstream lists no such tool, or no list that can be judged. */
  digestOf(name: string): Soon<string | null> {
    if (Date.now() - this.#learntAt > FRESH_MS) this.#whole.forget()
    return this.#whole.digestOf(name)
  }

  get isKnown(): boolean {
    return this.#whole.isKnown
  }

  /** Takes note of a page that some client asked for, and gives the digests of its tools, by name. */
  observe(cursor: JsonValue | undefined, result: JsonObject): ReadonlyMap<string, string> {
    if (cursor === undefined && result.nextCursor === undefined) return this.#whole.observe(undefined, result)
    const digests = this.#digestsOf(result)
    // Pages of several clients come in any order: what differs from the list that is known is looked up whole.
    const isNews = [...digests].some(([name, digest]) => this.#known.get(name) !== digest)
    if (isNews) this.forget()
    if (isNews) void this.#whole.digestOf('')
    return digests
  }

  forget(): void {
    this.#whole.forget()
  }

  #digestsOf({ tools }: JsonObject): ReadonlyMap<string, string> {
    try {
      const seen = readDefinitions(Array.isArray(tools) ? tools.filter(isJsonObject) : [])
      return new Map(seen.map(({ name, digest }) => [name, digest]))
    } catch (error) {
      this.onUnreadable((error as Error).message)
      return new Map()
    }
  }
}
