import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { readDefinitions, type SeenTool } from '@/lib/catalogue/definitions'
import { readJson, writeJson } from '@/lib/policy'

const Content = z.strictObject({
  version: z.literal(1),
  servers: z.record(z.string(), z.strictObject({ tools: z.array(z.unknown()) })),
})
type Content = z.infer<typeof Content>

const LIMITS = { maxLength: 64 * 1024 * 1024, maxDepth: 256 }

/** Where a tool stands against its pin. */
export interface Comparison {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly missing: readonly string[]
}

/** The definitions that were approved, in a file beside the policy: whole, so that a person can read what was approved. */
export class DefinitionFile {
  constructor(
    readonly path: string,
    private readonly server: string,
  ) {}

  /**
   * The pinned tools with their digests; null when none were pinned yet.
   * @throws Error when the file is damaged. It is never taken for a first run: that would approve whatever comes.
   */
  read(): readonly SeenTool[] | null {
    const tools = this.#content().servers[this.server]?.tools
    return tools ? readDefinitions(tools) : null
  }

  /** Pins these tools and no others. The file is whole at every moment. */
  pin(tools: readonly SeenTool[]): void {
    const { servers } = this.#content()
    const draft = `${this.path}.${process.pid}`
    writeFileSync(draft, textOf({ ...servers, [this.server]: { tools: tools.map(({ definition }) => definition) } }))
    renameSync(draft, this.path)
  }

  #content(): Content {
    const text = readIfThere(this.path)
    if (text === null) return { version: 1, servers: {} }
    const reading = readJson(text, LIMITS)
    const content = Content.safeParse(reading.ok ? reading.value : null)
    if (!content.success)
      throw new Error(`${this.path} is damaged. Restore it, or remove it and pin the definitions anew with --approve.`)
    return content.data
  }
}

export function compareDefinitions(pinned: readonly SeenTool[], seen: readonly SeenTool[]): Comparison {
  const before = new Map(pinned.map(({ name, digest }) => [name, digest]))
  const now = new Set(seen.map(({ name }) => name))
  return {
    added: seen.filter(({ name }) => !before.has(name)).map(({ name }) => name),
    changed: seen.filter(({ name, digest }) => before.has(name) && before.get(name) !== digest).map(({ name }) => name),
    missing: pinned.filter(({ name }) => !now.has(name)).map(({ name }) => name),
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** A tool a line, for people and their diffs. Numbers keep their source text, and so the digest stays what it was. */
function textOf(servers: Content['servers']): string {
  const entries = Object.entries(servers).map(
    ([server, { tools }]) => `${JSON.stringify(server)}: {"tools": [\n${tools.map(writeJson).join(',\n')}\n]}`,
  )
  return `{"version": 1, "servers": {\n${entries.join(',\n')}\n}}\n`
}
