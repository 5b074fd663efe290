import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap } from 'yaml'
import { PreciseNumber } from '../json/precise-number'
import type { JsonValue } from '../json/value'
import type { SourceMember, SourceNode } from './source'

type ReportFault = (code: string, message: string, from: number, to: number) => void

/** Values in one document, aliases counted in full: what a 1 MB policy can need, and no bomb. */
const MAX_VALUES = 300_000

const LONE_SURROGATE = /\p{Surrogate}/u

/** Makes plain values with places of a composed YAML tree. Reports what JSON cannot hold; never expands an alias. */
export function convertNode(node: ParsedNode, report: ReportFault): SourceNode {
  return new Converter(report).convert(node)
}

class Converter {
  readonly #anchors = new Map<string, SourceNode>()
  #values = 0

  constructor(private readonly report: ReportFault) {}

  convert(node: ParsedNode | null): SourceNode {
    if (node === null) return { value: null, from: 0, to: 0, size: 1 }
    if (isAlias(node)) return this.#resolveAlias(node.source, node.range[0], node.range[1])
    const result = isMap(node)
      ? this.#convertMap(node)
      : isSeq(node)
        ? this.#convertSeq(node)
        : this.#convertScalar(node)
    this.#count(1, result.from, result.to)
    if ('anchor' in node && node.anchor) this.#anchors.set(node.anchor, result)
    return result
  }

  #resolveAlias(name: string, from: number, to: number): SourceNode {
    const target = this.#anchors.get(name)
    if (!target) {
      this.report('unknown_alias', `Nothing before this is anchored as &${name}.`, from, to)
      return { value: null, from, to, size: 1 }
    }
    this.#count(target.size, from, to)
    return { ...target, from, to }
  }

  #convertMap(node: YAMLMap.Parsed): SourceNode {
    const members = new Map<string, SourceMember>()
    const value: Record<string, JsonValue> = {}
    let size = 1
    for (const pair of node.items) {
      const keyFrom = pair.key?.range[0] ?? node.range[0]
      const keyTo = pair.key?.range[1] ?? node.range[0]
      const key = this.#keyOf(pair.key as ParsedNode | null, keyFrom, keyTo)
      const child = pair.value
        ? this.convert(pair.value as ParsedNode)
        : { value: null, from: keyTo, to: keyTo, size: 1 }
      if (key === null) continue
      if (members.has(key)) {
        this.report('duplicate_key', `Key "${key}" stands twice here; only one can count. Remove one.`, keyFrom, keyTo)
        continue
      }
      members.set(key, { keyFrom, keyTo, node: child })
      value[key] = child.value
      size += child.size
    }
    return { value, from: node.range[0], to: endOf(node, [...members.values()].at(-1)?.node), size, members }
  }

  #convertSeq(node: { items: unknown[]; range: readonly [number, number, number] }): SourceNode {
    const items = node.items.map(item => this.convert(item as ParsedNode))
    const size = items.reduce((sum, item) => sum + item.size, 1)
    return { value: items.map(item => item.value), from: node.range[0], to: endOf(node, items.at(-1)), size, items }
  }

  #convertScalar(node: Scalar.Parsed): SourceNode {
    const [from, to] = node.range
    const { value } = node
    if (typeof value === 'string') this.#checkText(value, from, to)
    else if (typeof value === 'number') this.#checkNumber(value, node.source, from, to)
    else if (value !== null && typeof value !== 'boolean')
      this.report('yaml_value', 'JSON has no such value.', from, to)
    return { value: value as JsonValue, from, to, size: 1 }
  }

  #keyOf(key: ParsedNode | null, from: number, to: number): string | null {
    if (!key || !isScalar(key) || key.value === null || typeof key.value === 'object') {
      this.report('key_not_text', 'A key must be text.', from, to)
      return null
    }
    const text = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
    this.#checkText(text, from, to)
    if (text !== '__proto__') return text
    this.report('reserved_key', '"__proto__" cannot be a key of a policy.', from, to)
    return null
  }

  #checkText(text: string, from: number, to: number): void {
    if (text.includes('\0')) this.report('control_character', 'Text with a NUL character cannot be stored.', from, to)
    else if (LONE_SURROGATE.test(text))
      this.report('lone_surrogate', 'Half a character (a lone surrogate) cannot be stored.', from, to)
  }

  /** A double must hold the number that was written; hexadecimal and octal are integers by their form. */
  #checkNumber(value: number, source: string | undefined, from: number, to: number): void {
    const text = (source ?? String(value))
      .replace(/^\+/, '')
      .replace(/^(-?)\./, '$10.')
      .replace(/\.(?=$|[eE])/, '')
    const isExact = /^0[xo]/.test(text) ? Number.isSafeInteger(value) : new PreciseNumber(text).isExact
    if (isExact) return
    const message = Number.isFinite(value)
      ? `No double holds ${text} exactly; it would be compared as ${value}. Write it as text, or shorter.`
      : `${source ?? value} is no number that JSON knows.`
    this.report('inexact_number', message, from, to)
  }

  #count(values: number, from: number, to: number): void {
    const before = this.#values
    this.#values += values
    if (before <= MAX_VALUES && this.#values > MAX_VALUES) {
      this.report('too_many_values', `A policy holds at most ${MAX_VALUES} values, aliases counted in full.`, from, to)
    }
  }
}

/** A block collection ends where its last value does; its own range runs on to the next line. */
function endOf(
  node: { flow?: boolean | undefined; range: readonly [number, number, number] },
  last: SourceNode | undefined,
): number {
  return node.flow || !last ? node.range[1] : Math.max(last.to, node.range[0])
}
