import type { z } from 'zod'
import { isJsonObject, type JsonValue } from '../json/value'
import type { Report } from './report'
import type { Path } from './source'

/** What to make of the places of a value: a stand-in (undefined removes it), or changes further in. */
interface Changes {
  standIn?: { readonly value: JsonValue | undefined }
  readonly within: Map<string | number, Changes>
}

/** A copy of the value without the keys that the language does not know; each has been reported as an error. */
export function withoutUnknownKeys(value: JsonValue, issues: readonly z.core.$ZodIssue[]): JsonValue {
  const changes: Changes = { within: new Map() }
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue
    for (const key of issue.keys) note(changes, [...(issue.path as Path), key], undefined)
  }
  return changed(value, changes)
}

/**
 * A copy with a harmless rule or test in the place of each that is misshapen, and without other misshapen parts. Nothing
 * more is said of those places, nor of counters, since one of them could have been theirs.
 */
export function withoutMisshapen(value: JsonValue, paths: readonly Path[], report: Report): JsonValue {
  const changes: Changes = { within: new Map() }
  for (const path of paths) {
    const place = placeOf(path)
    report.muteWithin(place)
    note(changes, place, standIn(place))
  }
  report.muteCode('unknown_counter')
  return changed(value, changes)
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

function note(changes: Changes, path: Path, value: JsonValue | undefined): void {
  let place = changes
  for (const step of path) {
    const next = place.within.get(step) ?? { within: new Map() }
    place.within.set(step, next)
    place = next
  }
  place.standIn = { value }
}

/** Copies only what lies on the way, each part once however many places in it change. */
function changed(value: JsonValue, changes: Changes | undefined): JsonValue {
  if (!changes) return value
  const changeOf = (item: JsonValue, step: string | number): JsonValue | undefined => {
    const change = changes.within.get(step)
    return change?.standIn ? change.standIn.value : changed(item, change)
  }
  if (Array.isArray(value)) return value.map((item, index) => changeOf(item, index) ?? null)
  if (!isJsonObject(value)) return value
  const entries = Object.entries(value).flatMap(([key, item]): [string, JsonValue][] => {
    const next = changeOf(item, key)
    return next === undefined ? [] : [[key, next]]
  })
  return Object.fromEntries(entries)
}
