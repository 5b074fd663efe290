import type { Tree } from '@lezer/common'

/** What a piece of a policy's text is; each has a colour in tokens.css (`--code-*`). */
export type TokenKind = 'key' | 'string' | 'number' | 'word' | 'comment' | 'punctuation'

/** The classes that colour each kind. */
export const tokenClass: Readonly<Record<TokenKind, string>> = {
  key: 'text-code-key',
  string: 'text-code-string',
  number: 'text-code-number',
  word: 'font-label text-code-word',
  comment: 'text-code-comment',
  punctuation: 'text-ink-3',
}

export interface Token {
  readonly from: number
  readonly to: number
  readonly kind: TokenKind
}

const words = new Set(
  (
    'allow deny require_approval enforce shadow true false null session identity tool server minute hour day ' +
    'eq neq in not_in lt lte gt gte regex contains exists glob starts_with ends_with'
  ).split(' '),
)
const number = /^[-+]?\d[\d_]*(\.\d+)?(ms|s|m|h|d)?$|^[1-9]\d*\/(minute|hour|day)$/
const punctuation = new Set([':', '-', ',', '{', '}', '[', ']', '?'])

/** The coloured pieces between two offsets, in order. */
export function tokensOf(tree: Tree, text: (from: number, to: number) => string, from: number, to: number): Token[] {
  const tokens: Token[] = []
  const add = (start: number, end: number, kind: TokenKind) => tokens.push({ from: start, to: end, kind })
  tree.iterate({
    from,
    to,
    enter(node) {
      if (node.name === 'Key') {
        add(node.from, node.to, 'key')
        return false
      }
      if (node.name === 'Comment') add(node.from, node.to, 'comment')
      else if (node.name === 'QuotedLiteral' || node.name === 'BlockLiteral') add(node.from, node.to, 'string')
      else if (node.name === 'Literal') {
        const literal = text(node.from, Math.min(node.to, node.from + 40))
        if (words.has(literal)) add(node.from, node.to, 'word')
        else if (number.test(literal)) add(node.from, node.to, 'number')
      } else if (punctuation.has(node.name)) add(node.from, node.to, 'punctuation')
      return node.name !== 'BlockLiteral'
    },
  })
  return tokens
}
