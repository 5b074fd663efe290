/** The `glob` operator: `*` is any run without `/`, `**` any run, `?` one character that is no `/`. */
export type GlobTest = (value: string) => boolean

type Token = { readonly kind: 'literal'; readonly text: string } | { readonly kind: 'one' | 'run' | 'deep' }

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
  if (value.includes('.') && /(?:^|\/)\.\.?(?:\/|$)/.test(value)) return 'a path with a . or .. segment'
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

/** All positions that each token can end at, token by token: no backtracking. */
function runs(tokens: readonly Token[], value: string): boolean {
  let reached = new Set([0])
  for (const token of tokens) {
    reached = advance(token, reached, value)
    if (reached.size === 0) return false
  }
  return reached.has(value.length)
}

function advance(token: Token, from: ReadonlySet<number>, value: string): Set<number> {
  const reached = new Set<number>()
  if (token.kind === 'literal') {
    for (const at of from) if (value.startsWith(token.text, at)) reached.add(at + token.text.length)
  } else if (token.kind === 'one') {
    for (const at of from) {
      if (at < value.length && value[at] !== '/') reached.add(at + ((value.codePointAt(at) ?? 0) > 0xffff ? 2 : 1))
    }
  } else {
    for (const at of from) spread(at, token.kind === 'deep', reached, value)
  }
  return reached
}

/** Everything from `at` on, up to the next slash or the end; stops where another start has been. */
function spread(at: number, isDeep: boolean, reached: Set<number>, value: string): void {
  for (let end = at; end <= value.length && !reached.has(end); end++) {
    reached.add(end)
    if (!isDeep && value[end] === '/') return
  }
}
