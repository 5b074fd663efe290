import { definitionDigest, isJsonObject, type ToolDefinition } from '@/lib/policy'

/** Upper bounds of one server's list: what is larger is refused, not cut. */
export const LIST_BOUNDS = { tools: 2_000, nameLength: 256, definitionBytes: 256 * 1024, totalBytes: 8 * 1024 * 1024 }

/** A tool as `tools/list` gave it, with the digest that pins it. */
export interface SeenTool {
  readonly name: string
  readonly digest: string
  /** The whole object, unknown fields included. */
  readonly definition: ToolDefinition
}

// These names mean resources, prompts and server-initiated requests in policies and grants (LANGUAGE, Other names).
const reserved = /^(resources|prompts|server)\//

function nameProblem(name: unknown, position: number): string | null {
  if (typeof name !== 'string' || name === '') return `Tool ${position} has no name.`
  if (name.length > LIST_BOUNDS.nameLength)
    return `Tool ${position} has a name longer than ${LIST_BOUNDS.nameLength} characters.`
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(name)) return `The name of tool ${position} holds an invisible or control character.`
  const [prefix] = reserved.exec(name) ?? []
  if (prefix)
    return `Tool "${name}" has a name that begins with ${prefix}, which policies and grants read as something else than a tool.`
  return null
}

/**
 * Whether Postgres can keep this JSON: jsonb refuses NULs and lone surrogates, and a whole batch with them.
 * @param json as JSON.stringify wrote it, which spells them \u0000 and \ud83d
 */
export function isStorable(json: string): boolean {
  return !/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/i.test(json)
}

/**
 * Reads the `tools` of a whole list (all pages joined): names, bounds, digests.
 * @throws Error with one sentence when the list cannot be judged safely: a reserved or doubled name, a size beyond bounds,
 * or text that Postgres cannot keep (NUL, lone surrogates)
 */
export function readDefinitions(tools: readonly unknown[]): SeenTool[] {
  if (tools.length > LIST_BOUNDS.tools)
    throw new Error(`The server lists ${tools.length} tools; at most ${LIST_BOUNDS.tools} are taken.`)
  const seen = new Map<string, SeenTool>()
  let total = 0
  for (const [index, tool] of tools.entries()) {
    if (!isJsonObject(tool)) throw new Error(`Tool ${index + 1} is not an object.`)
    const problem = nameProblem(tool.name, index + 1)
    if (problem) throw new Error(problem)
    const text = JSON.stringify(tool)
    const bytes = Buffer.byteLength(text)
    total += bytes
    if (bytes > LIST_BOUNDS.definitionBytes)
      throw new Error(
        `The definition of tool "${tool.name}" has ${bytes} bytes; at most ${LIST_BOUNDS.definitionBytes} are taken.`,
      )
    if (total > LIST_BOUNDS.totalBytes)
      throw new Error(`The server's definitions have more than ${LIST_BOUNDS.totalBytes} bytes together.`)
    if (!isStorable(text))
      throw new Error(`The definition of tool "${tool.name}" holds a NUL or half of a surrogate pair.`)
    const definition = tool as unknown as ToolDefinition
    const entry = { name: definition.name, digest: definitionDigest(definition), definition }
    const earlier = seen.get(entry.name)
    if (earlier && earlier.digest !== entry.digest)
      throw new Error(`The server lists tool "${entry.name}" twice with different definitions.`)
    if (!earlier) seen.set(entry.name, entry)
  }
  return [...seen.values()]
}
