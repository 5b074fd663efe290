/** The kernel's whole public face. Pure: no I/O, no clock, no randomness; the same bytes decide everywhere. */

export { type CompileOptions, compile } from './decide/compile'
export type { CompiledPolicy } from './decide/compiled-policy'
export { evaluate, requirements, revisionOf, visibility } from './decide/evaluate'
export {
  counterKey,
  type LimitReservation,
  type Refusal,
  rateLimited,
  refuse,
  refuseInShadow,
  reservationOf,
} from './decide/limits'
export { type TestOutcome, testDocument } from './decide/test-document'
export * from './decision'
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
export { PreciseNumber } from './json/precise-number'
export { DEFAULT_JSON_LIMITS, type JsonLimits, type JsonProblem, type JsonReading, readJson } from './json/read'
export { isJsonObject, type JsonObject, type JsonValue } from './json/value'
export { canonicalJson, writeJson } from './json/write'
export { globMatches, isPattern, kindOfName, type NameKind } from './names'
export { type CheckContext, check } from './read/check'
export { type ParseOutcome, parse } from './read/parse'
export { print } from './read/print'
