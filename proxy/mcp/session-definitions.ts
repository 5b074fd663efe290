import { readDefinitions, type SeenTool } from '@/lib/catalogue/definitions'
import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import type { Soon } from '../when'

const MAX_PAGES = 100

/** Asks the upstream for a page of its tools on this proxy's own account; null when it gives none. */
export type AskPage = (cursor: JsonValue | undefined) => Promise<JsonObject | null>

/**
 * What the upstream of one session says its tools are. A server may tell each session something else, so the digest that
 * is compared with the approved one is the one given here, not one from elsewhere.
 */
export class SessionDefinitions {
  #known: Map<string, string> | null = null
  #listing: Promise<void> | null = null
  #pages: JsonValue[] = []

  /** @param onList called with each whole list */
  constructor(
    private readonly ask: AskPage,
    private readonly onList: (tools: readonly JsonValue[], seen: readonly SeenTool[]) => void,
    private readonly onUnreadable: (problem: string) => void,
  ) {}

  /**
   * Digest of the tool's definition; null when the upstream lists no such tool, or no list that can be judged. At once where
   * the list is known: nearly every call asks.
   */
  digestOf(name: string): Soon<string | null> {
    return this.#known ? (this.#known.get(name) ?? null) : this.#listAndFind(name)
  }

  async #listAndFind(name: string): Promise<string | null> {
    this.#listing ??= this.#list().finally(() => {
      this.#listing = null
    })
    await this.#listing
    return this.#known?.get(name) ?? null
  }

  /** Whether the upstream has told its tools. */
  get isKnown(): boolean {
    return this.#known !== null
  }

  /** Takes note of a page that the client asked for, and gives the digests of its tools, by name. */
  observe(cursor: JsonValue | undefined, result: JsonObject): ReadonlyMap<string, string> {
    const tools = Array.isArray(result.tools) ? result.tools : []
    this.#pages = cursor === undefined ? [...tools] : [...this.#pages, ...tools]
    const seen = result.nextCursor === undefined ? this.#learn(this.#pages) : this.#read(tools)
    return new Map(seen.map(({ name, digest }) => [name, digest]))
  }

  /** The upstream said that its list changed. */
  forget(): void {
    this.#known = null
  }

  /** Without the whole list nothing is known, and the next call asks again. */
  async #list(): Promise<void> {
    const tools: JsonValue[] = []
    let cursor: JsonValue | undefined
    for (let page = 0; page < MAX_PAGES; page++) {
      const result = await this.ask(cursor)
      if (!result) return
      if (Array.isArray(result.tools)) tools.push(...result.tools)
      cursor = result.nextCursor
      if (cursor === undefined || cursor === null) break
    }
    this.#learn(tools)
  }

  #learn(tools: readonly JsonValue[]): SeenTool[] {
    const seen = this.#read(tools)
    this.#known = new Map(seen.map(({ name, digest }) => [name, digest]))
    if (seen.length > 0) this.onList(tools, seen)
    return seen
  }

  /** A list that cannot be judged safely is no list: every tool in it is unknown. */
  #read(tools: readonly JsonValue[]): SeenTool[] {
    try {
      return readDefinitions(tools.filter(isJsonObject))
    } catch (error) {
      this.onUnreadable((error as Error).message)
      return []
    }
  }
}
