/** What a name stands for: `resources/<uri>`, `prompts/<name>`, `server/<method>`; all else is a tool. */
export type NameKind = 'tool' | 'resource' | 'prompt' | 'server'

const PREFIXES: readonly (readonly [string, NameKind])[] = [
  ['resources/', 'resource'],
  ['prompts/', 'prompt'],
  ['server/', 'server'],
]

/** The kind of a name or of a pattern. A server whose tool names begin so is refused at scan. */
export function kindOfName(name: string): NameKind {
  return PREFIXES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? 'tool'
}

/** Whether the name has a wildcard: `*` is any run, `?` one character. */
export function isPattern(name: string): boolean {
  return name.includes('*') || name.includes('?')
}

/**
 * Whether a policy's or a grant's pattern names this name. `*` alone means tools only, and a pattern without the prefix
 * of a kind never reaches that kind. Time is linear in the name for a given pattern: no backtracking beyond the last `*`.
 */
export function globMatches(pattern: string, name: string): boolean {
  if (pattern === name) return true
  if (!isPattern(pattern) || kindOfName(pattern) !== kindOfName(name)) return false
  return runMatches(pattern, name)
}

function runMatches(pattern: string, name: string): boolean {
  let p = 0
  let n = 0
  let starAt = -1
  let resumeAt = 0
  while (n < name.length) {
    const wanted = pattern[p]
    if (wanted === '*') {
      starAt = p++
      resumeAt = n
    } else if (wanted === '?') {
      p++
      n += widthAt(name, n)
    } else if (wanted === name[n]) {
      p++
      n++
    } else if (starAt >= 0) {
      p = starAt + 1
      n = ++resumeAt
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** A character beyond the basic plane takes two units. */
function widthAt(text: string, index: number): number {
  return (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1
}
