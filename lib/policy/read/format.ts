import { isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { contentOf } from '../content'
import { canonicalJson } from '../json/write'
import { knownKeysAt } from './known-keys'
import { parse } from './parse'
import type { Path } from './source'

/**
 * The text in canonical form: keys in the language's order, two blanks of indentation, one rule below the other. Comments
 * stay. Returns the text as it is when it is refused, or when its meaning would not survive.
 */
export function format(text: string): string {
  const before = parse(text).document
  if (!before) return text
  const document = parseDocument(text, { uniqueKeys: false, version: '1.2', schema: 'core', merge: false })
  arrange(document.contents, [])
  const formatted = document.toString({ lineWidth: 0, indentSeq: true, flowCollectionPadding: true })
  const after = parse(formatted).document
  return after && canonicalJson(contentOf(after)) === canonicalJson(contentOf(before)) ? formatted : text
}

/** The mappings that stand open, one key a line; conditions and limits stay as they were written. */
function isOpen(path: Path): boolean {
  const last = path.at(-1)
  if (path.length === 0 || last === 'tools' || last === 'rules' || last === 'tests') return true
  if (path.length === 2 && path[0] === 'tools') return true
  return typeof last === 'number' && (path.at(-2) === 'rules' || path.at(-2) === 'tests')
}

function arrange(node: unknown, path: Path): void {
  if (isSeq(node)) {
    if (isOpen(path)) node.flow = node.items.length === 0
    for (const [index, item] of node.items.entries()) arrange(item, [...path, index])
  } else if (isMap(node)) {
    if (isOpen(path)) node.flow = node.items.length === 0
    sortKeys(node, knownKeysAt(path))
    for (const { key, value } of node.items) {
      const name = keyText(key)
      if (name !== 'value' && name !== 'args') arrange(value, [...path, name])
    }
  }
}

function sortKeys(node: YAMLMap, order: readonly string[]): void {
  if (order.length === 0) return
  const rank = ({ key }: Pair) => {
    const index = order.indexOf(keyText(key))
    return index < 0 ? order.length : index
  }
  node.items = node.items.toSorted((one, other) => rank(one) - rank(other))
}

function keyText(key: unknown): string {
  if (!isScalar(key)) return ''
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
}
