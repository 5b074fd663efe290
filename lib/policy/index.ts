/** The kernel's whole public face. Pure: no I/O, no clock, no randomness; the same bytes decide everywhere. */
export { type CheckContext, check } from './check'
export { type CompileOptions, compile } from './compile'
export type { CompiledPolicy } from './compiled-policy'
export type * from './decision'
export { type Category, definitionDigest, type Risk, sha256Hex, type ToolDefinition } from './definition'
export {
  type Diagnostic,
  type Fix,
  hasErrors,
  type Position,
  type Range,
  type Severity,
  type TextEdit,
} from './diagnostic'
export type * from './document'
export { evaluate, requirements, revisionOf, visibility } from './evaluate'
export { DEFAULT_JSON_LIMITS, type JsonLimits, type JsonProblem, type JsonReading, readJson } from './json-read'
export { isJsonObject, type JsonObject, type JsonValue } from './json-value'
export { canonicalJson, writeJson } from './json-write'
export {
  counterKey,
  type LimitReservation,
  type Refusal,
  rateLimited,
  refuse,
  refuseInShadow,
  reservationOf,
} from './limits'
export { globMatches, isPattern, kindOfName, type NameKind } from './names'
export { type ParseOutcome, parse } from './parse'
export { PreciseNumber } from './precise-number'
export { print } from './print'
export { type TestOutcome, testDocument } from './test-document'
