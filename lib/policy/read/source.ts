import type { Range } from '../diagnostic'
import type { JsonValue } from '../json/value'

/** A value of the text with its place; children as they were written. */
export interface SourceNode {
  readonly value: JsonValue
  readonly from: number
  readonly to: number
  /** Values in it, itself included, aliases counted in full. */
  readonly size: number
  readonly items?: readonly SourceNode[]
  readonly members?: ReadonlyMap<string, SourceMember>
}

export interface SourceMember {
  readonly keyFrom: number
  readonly keyTo: number
  readonly node: SourceNode
}

export type Path = readonly (string | number)[]

/** RFC 6901 pointer of a path. */
export function pointerOf(path: Path): string {
  return path.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Turns offsets into lines and columns. */
export class TextIndex {
  readonly #lineStarts = [0]

  constructor(readonly text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1)
  }

  rangeOf(from: number, to: number): Range {
    return { start: this.#positionOf(from), end: this.#positionOf(Math.max(from, to)) }
  }

  lineOf(offset: number): number {
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low + 1
  }

  #positionOf(offset: number) {
    const line = this.lineOf(offset)
    return { line, column: offset - (this.#lineStarts[line - 1] ?? 0) + 1, offset }
  }
}

/** The node at a path, or the deepest one on the way to it. */
export function nodeAt(root: SourceNode, path: Path): SourceNode {
  let node = root
  for (const step of path) {
    const next = typeof step === 'number' ? node.items?.[step] : node.members?.get(step)?.node
    if (!next) return node
    node = next
  }
  return node
}

/** Where the key of a path's last step stands, or its value when it has no key. */
export function keySpanAt(root: SourceNode, path: Path): { from: number; to: number } {
  const last = path.at(-1)
  const parent = nodeAt(root, path.slice(0, -1))
  const member = typeof last === 'string' ? parent.members?.get(last) : undefined
  return member ? { from: member.keyFrom, to: member.keyTo } : nodeAt(root, path)
}
