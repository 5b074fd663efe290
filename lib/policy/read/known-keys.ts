import { keysOf } from './language'
import type { Path } from './source'

const PLACES = {
  when: 'condition',
  conditions: 'condition',
  rules: 'rule',
  tests: 'test',
} as const

/** The keys that the mapping at this path may have. */
export function knownKeysAt(path: Path): readonly string[] {
  if (path.length === 0) return keysOf('policy')
  if (path.length === 2 && path[0] === 'tools') return keysOf('entry')
  const last = path.at(-1)
  const list = typeof last === 'number' ? path.at(-2) : undefined
  if (list !== undefined) return list in PLACES ? keysOf(PLACES[list as keyof typeof PLACES]) : []
  switch (last) {
    case 'rate_limit':
    case 'validate':
    case 'state':
    case 'approval':
    case 'identity':
    case 'expect':
      return keysOf(last)
    default:
      return []
  }
}
