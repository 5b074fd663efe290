import type { PreciseNumber } from './precise-number'

/** A value as `readJson` returns it. `__proto__` is an ordinary key in it. */
export type JsonValue = null | boolean | number | string | PreciseNumber | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** Whether the value is a JSON object (not a list, not null, not a number that kept its text). */
export function isJsonObject(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
