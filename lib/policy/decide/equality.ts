import { PreciseNumber } from '../json/precise-number'
import { isJsonObject, type JsonValue } from '../json/value'

/**
 * `eq`: numbers as numbers, lists and objects by their parts, and a number or boolean equals the text that JSON prints
 * for it. Throws `InexactNumber` on a number that no double holds.
 */
export function areEqual(one: JsonValue, other: JsonValue): boolean {
  const left = plainNumber(one)
  const right = plainNumber(other)
  if (left === right) return true
  if (left === null || right === null) return false
  if (typeof left === 'object' || typeof right === 'object') return areAlike(left, right)
  if (typeof left === 'string' && typeof right !== 'string') return left === JSON.stringify(right)
  if (typeof right === 'string' && typeof left !== 'string') return right === JSON.stringify(left)
  return false
}

export class InexactNumber extends Error {}

/** The double behind a number that kept its text. */
export function plainNumber(value: JsonValue): Exclude<JsonValue, PreciseNumber> {
  if (!(value instanceof PreciseNumber)) return value
  if (value.isExact) return value.value
  throw new InexactNumber(value.source)
}

function areAlike(left: JsonValue, right: JsonValue): boolean {
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false
    return left.every((item, index) => areEqual(item, right[index] as JsonValue))
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  return keys.every(key => Object.hasOwn(right, key) && areEqual(left[key] as JsonValue, right[key] as JsonValue))
}
