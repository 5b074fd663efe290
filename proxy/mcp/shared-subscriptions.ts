/** Resources that somebody is subscribed to, at once; past it nobody hears of more. */
const MAX_RESOURCES = 1_000

/** Who is subscribed to which resource, on a channel that several share. */
export class Subscriptions<Who> {
  readonly #byUri = new Map<string, Set<Who>>()

  /** Resources that somebody is subscribed to. */
  get size(): number {
    return this.#byUri.size
  }

  uris(): string[] {
    return [...this.#byUri.keys()]
  }

  add(uri: string, who: Who): void {
    const known = this.#byUri.get(uri)
    if (known) known.add(who)
    else if (this.#byUri.size < MAX_RESOURCES) this.#byUri.set(uri, new Set([who]))
  }

  /** Whether that was the last one. */
  remove(uri: string, who: Who): boolean {
    const known = this.#byUri.get(uri)
    if (!known?.delete(who) || known.size > 0) return false
    this.#byUri.delete(uri)
    return true
  }

  /** @returns resources that nobody is subscribed to any more */
  leave(who: Who): string[] {
    return this.uris().filter(uri => this.remove(uri, who))
  }

  /** Who hears of a resource: a server may name a part of what was subscribed to (MCP, resources/updated). */
  of(uri: string): Set<Who> {
    const all = [...this.#byUri].filter(([subscribed]) => uri === subscribed || isPartOf(uri, subscribed))
    return new Set(all.flatMap(([, who]) => [...who]))
  }
}

function isPartOf(uri: string, whole: string): boolean {
  return uri.startsWith(whole) && (whole.endsWith('/') || /^[/#?]/.test(uri.slice(whole.length)))
}
