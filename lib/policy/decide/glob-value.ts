/** The `glob` operator: `*` is any run without `/`, `**` any run, `?` one character that is no `/`. */
export type GlobTest = (value: string) => boolean

type Token = { readonly kind: 'literal'; readonly text: string } | { readonly kind: 'one' | 'run' | 'deep' }

/** Steps that one match may take: a tenth of a second. */
const MAX_STEPS = 20_000_000

/** Whether a value is too long for this pattern to be judged in bounded time. */
export function isTooLong(pattern: string, value: string): boolean {
  return pattern.length * value.length > MAX_STEPS
}

/** Compiles a glob. Matching takes at most pattern × value steps, whatever the value. */
export function compileGlob(pattern: string): GlobTest {
  const tokens = tokensOf(pattern)
  if (tokens.every(token => token.kind === 'literal')) return value => value === pattern
  const [first, second] = tokens
  if (
    tokens.length === 2 &&
    first?.kind === 'literal' &&
    second &&
    second.kind !== 'literal' &&
    second.kind !== 'one'
  ) {
    const prefix = first.text
    const isDeep = second.kind === 'deep'
    return value => value.startsWith(prefix) && (isDeep || value.indexOf('/', prefix.length) < 0)
  }
  return value => runs(tokens, value)
}

/** Why a value is no path that a glob can judge: two programs could read it as different files. */
export function faultOfPath(value: string): string | null {
  if (value.includes('\\')) return 'a text with a backslash'
  if (value.includes('\0')) return 'a text with a NUL'
  const hasDotSegment = value.startsWith('.') || value.includes('/.')
  if (hasDotSegment && /(?:^|\/)\.\.?(?:\/|$)/.test(value)) return 'a path with a . or .. segment'
  return null
}

function tokensOf(pattern: string): readonly Token[] {
  const tokens: Token[] = []
  for (const [part] of pattern.matchAll(/\*+|\?|[^*?]+/g)) {
    if (part === '?') tokens.push({ kind: 'one' })
    else if (part[0] === '*') tokens.push({ kind: part.length === 1 ? 'run' : 'deep' })
    else tokens.push({ kind: 'literal', text: part })
  }
  return tokens
}

/** Where one could stand in the value after each token, token by token: no backtracking. */
function runs(tokens: readonly Token[], value: string): boolean {
  let reached = new Uint8Array(value.length + 1)
  reached[0] = 1
  for (const token of tokens) reached = advance(token, reached, value)
  return reached[value.length] === 1
}

function advance(token: Token, from: Uint8Array, value: string): Uint8Array<ArrayBuffer> {
  const reached = new Uint8Array(from.length)
  let isRunning = false
  for (let at = 0; at < from.length; at++) {
    const isHere = from[at] === 1
    if (token.kind === 'literal') {
      if (isHere && value.startsWith(token.text, at)) reached[at + token.text.length] = 1
    } else if (token.kind === 'one') {
      if (isHere && at < value.length && value[at] !== '/') reached[at + widthAt(value, at)] = 1
    } else {
      isRunning = isHere || isRunning
      if (isRunning) reached[at] = 1
      if (token.kind === 'run' && value[at] === '/') isRunning = false
    }
  }
  return reached
}

/** A character beyond the basic plane takes two units. */
function widthAt(value: string, at: number): number {
  return (value.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}
