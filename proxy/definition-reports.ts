import type { SeenTool } from '@/lib/catalogue/definitions'
import { seeDefinitions } from '@/lib/catalogue/store'
import type { Sql } from '@/lib/db/sql'
import type { JsonValue } from '@/lib/policy'
import type { EnforcedServer } from './enforcement'
import type { Log } from './log'

/** A server that tells each session something else must not keep the database busy. */
const AT_MOST_EVERY_MS = 5_000

/** Tells the catalogue what servers list, when it differs from what the catalogue knows. Pins nothing. */
export class DefinitionReports {
  readonly #latest = new Map<string, number>()

  constructor(
    private readonly sql: Sql,
    /** The server as it is in force now; undefined when it was removed. */
    private readonly current: (slug: string) => EnforcedServer | undefined,
    private readonly log: Log,
  ) {}

  /** Never throws; what is lost now is reported when it is seen again. */
  report(slug: string, tools: readonly JsonValue[], seen: readonly SeenTool[]): void {
    const server = this.current(slug)
    if (!server || isKnown(server, seen)) return
    const now = Date.now()
    if (now - (this.#latest.get(slug) ?? 0) < AT_MOST_EVERY_MS) return
    this.#latest.set(slug, now)
    this.log.warn({ server: slug, tools: seen.length }, 'a server lists other definitions than the catalogue knows')
    seeDefinitions(this.sql, server.id, tools).catch(error =>
      this.log.warn({ server: slug, error }, 'definitions were not reported'),
    )
  }
}

/** Whether the catalogue holds just this list, in this order. */
function isKnown(server: EnforcedServer, seen: readonly SeenTool[]): boolean {
  const known = [...server.tools.values()].filter(tool => !tool.isMissing)
  return (
    known.length === seen.length &&
    known.every((tool, i) => tool.name === seen[i]?.name && tool.seenDigest === seen[i]?.digest)
  )
}
