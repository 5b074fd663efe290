/** A small generator with a seed, so that a run can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

type Random = () => number

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T
}

const FRAGMENTS = [
  'deny',
  'allow',
  'when',
  'conditions',
  'args.a',
  'regex',
  'state.t.c',
  '10/hour',
  '*',
  '?',
  '{',
  '}',
  '[',
  ']',
  ':',
  '- ',
  '\n',
  '  ',
  '"',
  "'",
  '&a',
  '*a',
  '|',
  '#',
  '\u202e',
  '\ud800',
  '__proto__',
  '1e999',
  '9007199254740993',
  '-1',
  'null',
  '~',
  'exists',
  'true',
] as const

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  '',
  'x',
  '*',
  'args.a',
  'args.a.b',
  'state.t.c',
  'deny',
  'allow',
  'regex',
  'exists',
  'gt',
  '(',
  '^a+$',
  [],
  [1, 'x'],
  {},
  { a: 1 },
  { path: 'args.a', op: 'eq', value: 1 },
  'minute',
  60,
]

/** Changes the text: cuts, repeats, swaps or adds a piece. */
export function mutateText(text: string, random: Random): string {
  const at = Math.floor(random() * text.length)
  const length = Math.floor(random() * 12)
  switch (Math.floor(random() * 4)) {
    case 0:
      return text.slice(0, at) + text.slice(at + length)
    case 1:
      return text.slice(0, at) + text.slice(at, at + length) + text.slice(at)
    case 2:
      return text.slice(0, at) + pick(random, FRAGMENTS) + text.slice(at + length)
    default:
      return text.slice(0, at) + pick(random, FRAGMENTS) + text.slice(at)
  }
}

/** Changes one place of a value: another value, a key less, a list item twice. */
export function mutateValue(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.15) return pick(random, VALUES)
  if (Array.isArray(value)) return mutateList(value, random)
  const entries = Object.entries(value)
  if (entries.length === 0 || random() < 0.1)
    return { ...value, [String(pick(random, FRAGMENTS))]: pick(random, VALUES) }
  const index = Math.floor(random() * entries.length)
  if (random() < 0.1) return Object.fromEntries(entries.filter((_, position) => position !== index))
  return Object.fromEntries(
    entries.map(([key, item], position) => [key, position === index ? mutateValue(item, random) : item]),
  )
}

function mutateList(list: readonly unknown[], random: Random): unknown[] {
  if (list.length === 0) return [pick(random, VALUES)]
  const index = Math.floor(random() * list.length)
  if (random() < 0.15) return [...list, list[index]]
  if (random() < 0.15) return list.filter((_, position) => position !== index)
  return list.map((item, position) => (position === index ? mutateValue(item, random) : item))
}
