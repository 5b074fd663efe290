/** Where the cursor stands in a half-written document. */
export interface DocumentPlace {
  /** Keys from the top down to the mapping that the cursor is in; list items add nothing. */
  readonly path: readonly string[]
  /** The key whose value is being written; null while a key is. */
  readonly key: string | null
  /** Where the word being written starts in its line. */
  readonly from: number
}

const KEY = /^(\s*(?:-\s+)*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#'":{}[\],][^:{}[\],]*?)\s*:(?=\s|$)/
/** Keys whose list items are mappings; the items of other lists are plain values. */
const listsOfMappings = new Set(['rules', 'when', 'conditions', 'tests', 'state'])

/**
 * Finds the place by indentation and open brackets alone, since a tree of half-written YAML is not to be trusted.
 * @param lines of the document up to the cursor; the last one ends at it
 */
export function placeOf(lines: readonly string[]): DocumentPlace {
  const line = lines.at(-1) ?? ''
  const bracket = lastOpenBracket(line)
  if (bracket) return insideBracket(lines, line, bracket)
  const lead = /^\s*(?:-\s+)*/.exec(line)?.[0] ?? ''
  const written = KEY.exec(line)
  const path = keysAbove(lines.slice(0, -1), lead.length)
  if (written) return { path, key: unquoted(written[2] ?? ''), from: wordStart(line, written[0].length) }
  const list = lead.includes('-') ? path.at(-1) : undefined
  if (list === undefined || listsOfMappings.has(list)) return { path, key: null, from: lead.length }
  return { path: path.slice(0, -1), key: list, from: lead.length }
}

function keysAbove(lines: readonly string[], indent: number): string[] {
  const path: string[] = []
  let below = indent
  for (let i = lines.length - 1; i >= 0 && below > 0; i -= 1) {
    const match = KEY.exec(lines[i] ?? '')
    const column = match?.[1]?.length ?? below
    if (!match || column >= below) continue
    path.unshift(unquoted(match[2] ?? ''))
    below = column
  }
  return path
}

interface Bracket {
  readonly char: string
  readonly at: number
  /** Where the piece behind the last comma starts. */
  readonly pieceStart: number
}

function insideBracket(lines: readonly string[], line: string, bracket: Bracket): DocumentPlace {
  const outer = placeOf([...lines.slice(0, -1), line.slice(0, bracket.at)])
  if (bracket.char === '[') return { ...outer, from: wordStart(line, bracket.pieceStart) }
  const path = outer.key === null ? outer.path : [...outer.path, outer.key]
  const colon = /^\s*([^:]+?)\s*:(?=\s|$)/.exec(line.slice(bracket.pieceStart))
  const start = bracket.pieceStart + (colon?.[0].length ?? 0)
  return { path, key: colon ? unquoted(colon[1] ?? '') : null, from: wordStart(line, start) }
}

function lastOpenBracket(line: string): Bracket | null {
  const open: Bracket[] = []
  let quote = ''
  for (let i = 0; i < line.length; i += 1) {
    const char = line[i] ?? ''
    if (quote) {
      if (char === quote) quote = ''
    } else if ((char === '"' || char === "'") && /[\s{[,:]/.test(line[i - 1] ?? ' ')) quote = char
    else if (char === '{' || char === '[') open.push({ char, at: i, pieceStart: i + 1 })
    else if (char === '}' || char === ']') open.pop()
    else if (char === ',') {
      const last = open.pop()
      if (last) open.push({ ...last, pieceStart: i + 1 })
    }
  }
  return open.at(-1) ?? null
}

function wordStart(line: string, from: number): number {
  const rest = line.slice(from)
  return from + (rest.length - rest.trimStart().length)
}

function unquoted(key: string): string {
  return /^(["']).*\1$/.test(key) ? key.slice(1, -1) : key
}
