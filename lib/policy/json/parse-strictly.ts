import { PreciseNumber } from './precise-number'
import type { JsonLimits, JsonProblem, JsonReading } from './read'
import type { JsonValue } from './value'

class JsonFault extends Error {
  constructor(
    readonly reason: JsonProblem,
    message: string,
    readonly offset: number,
  ) {
    super(message)
  }
}

/** The slow and exact way: a recursive reader that keeps the text of numbers and knows where it stands. */
export function parseStrictly(text: string, limits: JsonLimits): JsonReading {
  const reader = new StrictReader(text, limits.maxDepth)
  try {
    return { ok: true, value: reader.readDocument() }
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault
    return { ok: false, reason: fault.reason, message: fault.message, offset: fault.offset }
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const WORDS: readonly (readonly [string, JsonValue])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

class StrictReader {
  #at = 0

  constructor(
    private readonly text: string,
    private readonly maxDepth: number,
  ) {}

  readDocument(): JsonValue {
    const value = this.#readValue(0)
    this.#skipSpace()
    if (this.#at < this.text.length) this.#fail('syntax', 'Text after the end of the JSON value')
    return value
  }

  #readValue(depth: number): JsonValue {
    this.#skipSpace()
    const unit = this.text.charCodeAt(this.#at)
    if (unit === 123) return this.#readObject(depth + 1)
    if (unit === 91) return this.#readList(depth + 1)
    if (unit === 34) return this.#readString()
    if (unit === 45 || (unit >= 48 && unit <= 57)) return this.#readNumber()
    for (const [word, value] of WORDS) {
      if (this.text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    }
    return this.#fail('syntax', this.#at < this.text.length ? 'Not a JSON value' : 'The JSON ends too early')
  }

  #readObject(depth: number): JsonValue {
    this.#enter(depth)
    const entries: Record<string, JsonValue> = {}
    if (this.#takes(125)) return entries
    do {
      this.#skipSpace()
      const start = this.#at
      const key = this.#readString()
      if (Object.hasOwn(entries, key)) this.#fail('duplicate_key', `Key ${JSON.stringify(key)} stands twice`, start)
      this.#expect(58, 'a colon')
      const value = this.#readValue(depth)
      // Assignment would set the prototype where the key is `__proto__`.
      if (key === '__proto__')
        Object.defineProperty(entries, key, { value, enumerable: true, configurable: true, writable: true })
      else entries[key] = value
    } while (this.#takes(44))
    this.#expect(125, 'a comma or the end of the object')
    return entries
  }

  #readList(depth: number): JsonValue {
    this.#enter(depth)
    const items: JsonValue[] = []
    if (this.#takes(93)) return items
    do items.push(this.#readValue(depth))
    while (this.#takes(44))
    this.#expect(93, 'a comma or the end of the list')
    return items
  }

  #readString(): string {
    STRING.lastIndex = this.#at
    const source = STRING.exec(this.text)?.[0]
    if (source === undefined) return this.#fail('syntax', 'Not a JSON string')
    this.#at += source.length
    return JSON.parse(source) as string
  }

  #readNumber(): number | PreciseNumber {
    NUMBER.lastIndex = this.#at
    const source = NUMBER.exec(this.text)?.[0]
    if (source === undefined) return this.#fail('syntax', 'Not a JSON number')
    this.#at += source.length
    const value = Number(source)
    return String(value) === source ? value : new PreciseNumber(source)
  }

  #enter(depth: number): void {
    if (depth > this.maxDepth) this.#fail('too_deep', `JSON nested deeper than ${this.maxDepth}`)
    this.#at++
  }

  #takes(unit: number): boolean {
    this.#skipSpace()
    if (this.text.charCodeAt(this.#at) !== unit) return false
    this.#at++
    return true
  }

  #expect(unit: number, what: string): void {
    if (!this.#takes(unit)) this.#fail('syntax', `Expected ${what}`)
  }

  #skipSpace(): void {
    for (; this.#at < this.text.length; this.#at++) {
      const unit = this.text.charCodeAt(this.#at)
      if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) return
    }
  }

  #fail(reason: JsonProblem, message: string, offset = this.#at): never {
    throw new JsonFault(reason, `${message} (character ${offset + 1})`, offset)
  }
}
