export type Root = 'args' | 'identity' | 'session' | 'server' | 'tool' | 'request' | 'state'

export interface ParsedPath {
  readonly root: Root
  /** What follows the root; `*` goes over a list. */
  readonly steps: readonly string[]
}

/** The names that can follow each root; a trailing dot takes one more name. */
const GRAMMAR: Readonly<Record<Exclude<Root, 'args' | 'state'>, readonly string[]>> = {
  identity: ['id', 'name', 'kind', 'groups', 'labels.'],
  session: ['id'],
  server: ['name'],
  tool: ['name', 'category', 'risk', 'annotations.'],
  request: ['time', 'hour', 'weekday', 'date'],
}

export const ROOTS: readonly Root[] = ['args', 'identity', 'session', 'server', 'tool', 'request', 'state']

/** Every path that does not depend on a call's arguments, for completion and for the nearest one. */
export const KNOWN_PATHS: readonly string[] = Object.entries(GRAMMAR).flatMap(([root, names]) =>
  names.map(name => `${root}.${name}`),
)

/** Takes a condition's path apart; a sentence that says what is wrong when it is none. */
export function parsePath(path: string): ParsedPath | { readonly fault: string } {
  const [first = '', ...steps] = path.split('.')
  const root = ROOTS.find(candidate => candidate === first)
  if (!root) return { fault: `A path begins with ${ROOTS.map(name => `${name}.`).join(', ')}; "${path}" does not.` }
  if (steps.length === 0) return { fault: `"${path}" names nothing: write ${root}.<name>.` }
  if (steps.includes('')) return { fault: `"${path}" has an empty name between dots.` }
  if (root === 'args') return parseArgs(path, steps)
  if (root === 'state') return parseState(path, steps)
  const [name = '', label, ...rest] = steps
  const isNamed = GRAMMAR[root].includes(`${name}.`)
  const fits = isNamed ? label !== undefined && rest.length === 0 : label === undefined && GRAMMAR[root].includes(name)
  if (fits) return { root, steps }
  const wanted = GRAMMAR[root].map(known => (known.endsWith('.') ? `${root}.${known}<name>` : `${root}.${known}`))
  return { fault: `"${path}" is no path. There is ${wanted.join(', ')}.` }
}

function parseArgs(path: string, steps: readonly string[]): ParsedPath | { fault: string } {
  if (steps[0] === '*') return { fault: `"${path}": the arguments are an object, and * goes over a list.` }
  return { root: 'args', steps }
}

/** `state.<entry>.<counter>`: an entry's name may have dots, a counter's may not. */
function parseState(path: string, steps: readonly string[]): ParsedPath | { fault: string } {
  const counter = steps.at(-1)
  if (steps.length < 2 || counter === undefined)
    return { fault: `"${path}": write state.<tool>.<counter>, or state._global.<counter>.` }
  return { root: 'state', steps: [steps.slice(0, -1).join('.'), counter] }
}

/** The name by which `state.` paths call an entry. */
export function scopeOf(entryName: string): string {
  return entryName === '*' ? '_global' : entryName
}
