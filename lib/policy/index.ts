/** The kernel's whole public face. Pure: no I/O, no clock, no randomness; the same bytes decide everywhere. */

export { contentOf, digestOf } from './content'
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
export { type Imported, importPolicy } from './dialects/import-policy'
export { DIALECTS, type Dialect } from './dialects/translation'
export type * from './document'
export { sayWindow, secondsOf } from './durations'
export { PreciseNumber } from './json/precise-number'
export { DEFAULT_JSON_LIMITS, type JsonLimits, type JsonProblem, type JsonReading, readJson } from './json/read'
export { isJsonObject, type JsonObject, type JsonValue } from './json/value'
export { canonicalJson, writeJson } from './json/write'
export { globMatches, isPattern, kindOfName, type NameKind } from './names'
export { KNOWN_PATHS, parsePath } from './paths'
export { type CheckContext, check } from './read/check'
export { format } from './read/format'
export { jsonSchema, keysOf, OPERATORS } from './read/language'
export { type ParseOutcome, parse } from './read/parse'
export { print } from './read/print'
