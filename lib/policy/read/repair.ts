import type { z } from 'zod'
import { isJsonObject, type JsonValue } from '../json/value'
import type { Report } from './report'
import type { Path } from './source'

type Change = (value: JsonValue) => JsonValue | undefined

/** A copy of the value without the keys that the language does not know; each has been reported as an error. */
export function withoutUnknownKeys(value: JsonValue, issues: readonly z.core.$ZodIssue[]): JsonValue {
  let copy = value
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue
    for (const key of issue.keys) copy = changeAt(copy, [...(issue.path as Path), key], () => undefined)
  }
  return copy
}

/**
 * A copy with a harmless rule or test in the place of each that is misshapen, and without other misshapen parts. Nothing
 * more is said of those places, nor of counters, since one of them could have been theirs.
 */
export function withoutMisshapen(value: JsonValue, paths: readonly Path[], report: Report): JsonValue {
  let copy = value
  const done = new Set<string>()
  for (const path of paths) {
    const place = placeOf(path)
    const name = JSON.stringify(place)
    if (done.has(name)) continue
    done.add(name)
    report.muteWithin(place)
    copy = changeAt(copy, place, () => standIn(place))
  }
  report.muteCode('unknown_counter')
  return copy
}

/** The condition, rule, test, entry or top-level key that a path lies in. */
function placeOf(path: Path): Path {
  const [root, , list, , clause] = path
  if (root === 'tests') return path.slice(0, 2)
  if (root !== 'tools') return path.slice(0, 1)
  if (list !== 'rules' || path.length < 4) return path.slice(0, 2)
  return path.slice(0, (clause === 'when' || clause === 'conditions') && path.length > 5 ? 6 : 4)
}

function standIn(place: Path): JsonValue | undefined {
  const condition = { path: 'args.x', op: 'exists', value: true }
  if (place[0] === 'tests' && place.length === 2) return { name: `test ${place[1]}`, call: 't', expect: 'deny' }
  if (place[0] !== 'tools') return undefined
  return { 1: undefined, 2: null, 4: { conditions: [condition] }, 6: condition }[place.length]
}

/** Copies only what lies on the way; undefined removes a key. */
function changeAt(value: JsonValue, [step, ...rest]: Path, change: Change): JsonValue {
  const changed = (item: JsonValue) => (rest.length === 0 ? change(item) : changeAt(item, rest, change))
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? (changed(item) ?? null) : item))
  if (!isJsonObject(value)) return value
  const entries = Object.entries(value).flatMap(([key, item]): [string, JsonValue][] => {
    if (key !== step) return [[key, item]]
    const next = changed(item)
    return next === undefined ? [] : [[key, next]]
  })
  return Object.fromEntries(entries)
}
