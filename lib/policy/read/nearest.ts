/** Further apart, two words have nothing to do with each other. */
const MAX_EDITS = 3
/** More names than these are not looked through for a hint. */
const MAX_CANDIDATES = 1000

/** The candidate that a typo of `word` most likely meant, or null. Case, dashes and blanks cost nothing. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const wanted = plain(word)
  if (wanted.length < 2 || wanted.length > 64) return null
  let best: string | null = null
  let bestDistance = Math.min(MAX_EDITS, Math.max(1, Math.floor(wanted.length / 3))) + 1
  for (const candidate of candidates.slice(0, MAX_CANDIDATES)) {
    const other = plain(candidate)
    const shared = sharedStart(wanted, other)
    const distance = editDistance(wanted.slice(shared), other.slice(shared), bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** ` Did you mean "x"?`, or nothing. */
export function didYouMean(suggestion: string | null): string {
  return suggestion === null ? '' : ` Did you mean "${suggestion}"?`
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, '')
}

/** Names of one policy often begin alike, and what is alike needs no edits. */
function sharedStart(one: string, other: string): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return at
}

/**
 * Edits (insert, delete, replace, swap of neighbours) from one word to the other, or at least `bound`. Only what lies
 * within `bound` of the diagonal is worked out, since a policy can ask this a million times.
 */
function editDistance(from: string, to: string, bound: number): number {
  if (Math.abs(from.length - to.length) >= bound) return bound
  let beforePrevious: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const current = previous.slice().fill(bound)
    let least = i
    current[0] = i
    for (let j = Math.max(1, i - bound); j <= Math.min(to.length, i + bound); j++) {
      const replaced = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      let cost = Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1)
      if (from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        cost = Math.min(cost, (beforePrevious[j - 2] ?? 0) + 1)
      current[j] = cost
      least = Math.min(least, cost)
    }
    if (least >= bound) return bound
    beforePrevious = previous
    previous = current
  }
  return previous[to.length] ?? bound
}
