/** One line of a unified diff. Line numbers count from 1; the one of the other side is null. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed'
  readonly before: number | null
  readonly after: number | null
  readonly text: string
}

/** Beyond this many differing lines the rest is shown as replaced whole, so that time stays bounded. */
const MOST_EDITS = 500

/** Lines of a text; a last line end makes no empty line. */
export function linesOf(text: string): string[] {
  if (text === '') return []
  const lines = text.split(/\r\n|\n|\r/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** The shortest line diff (Myers, "An O(ND) Difference Algorithm", 1986), as one list of lines. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = linesOf(before)
  const b = linesOf(after)
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail += 1
  const middle = edits(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  const same = (from: number, to: number, shift: number): DiffLine[] =>
    a.slice(from, to).map((text, i) => ({ kind: 'same', before: from + i + 1, after: from + i + 1 + shift, text }))
  const inMiddle = middle.map(line => ({
    ...line,
    before: line.before === null ? null : line.before + head,
    after: line.after === null ? null : line.after + head,
  }))
  return [...same(0, head, 0), ...inMiddle, ...same(a.length - tail, a.length, b.length - a.length)]
}

function edits(a: readonly string[], b: readonly string[]): DiffLine[] {
  const trace = furthestPaths(a, b)
  if (!trace) return [...replaced(a, 'removed'), ...replaced(b, 'added')]
  const out: DiffLine[] = []
  let x = a.length
  let y = b.length
  for (let d = trace.length - 1; d >= 0; d -= 1) {
    const v = trace[d] as Map<number, number>
    const k = x - y
    const down = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1))
    const fromK = down ? k + 1 : k - 1
    const fromX = d === 0 ? 0 : (v.get(fromK) ?? 0)
    const fromY = d === 0 ? 0 : fromX - fromK
    const [stopX, stopY] = d === 0 ? [0, 0] : down ? [fromX, fromY + 1] : [fromX + 1, fromY]
    while (x > stopX && y > stopY) {
      out.push({ kind: 'same', before: x, after: y, text: a[x - 1] ?? '' })
      x -= 1
      y -= 1
    }
    if (d === 0) break
    if (down) out.push({ kind: 'added', before: null, after: y, text: b[y - 1] ?? '' })
    else out.push({ kind: 'removed', before: x, after: null, text: a[x - 1] ?? '' })
    x = fromX
    y = fromY
  }
  return out.reverse()
}

/** For each number of edits, the furthest x reached on each diagonal before that edit; null when there are too many. */
function furthestPaths(a: readonly string[], b: readonly string[]): Map<number, number>[] | null {
  const trace: Map<number, number>[] = []
  const v = new Map<number, number>([[1, 0]])
  for (let d = 0; d <= Math.min(a.length + b.length, MOST_EDITS); d += 1) {
    trace.push(new Map([...v].filter(([k]) => Math.abs(k) <= d)))
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1))
      let x = down ? (v.get(k + 1) ?? 0) : (v.get(k - 1) ?? 0) + 1
      let y = x - k
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x += 1
        y += 1
      }
      v.set(k, x)
      if (x >= a.length && y >= b.length) return trace
    }
  }
  return null
}

function replaced(lines: readonly string[], kind: 'added' | 'removed'): DiffLine[] {
  return lines.map((text, i) => ({
    kind,
    before: kind === 'removed' ? i + 1 : null,
    after: kind === 'added' ? i + 1 : null,
    text,
  }))
}

/** How many lines differ. A line that was rewritten is one to people, though a diff shows it twice. */
export function countChangedLines(diff: readonly DiffLine[]): number {
  let total = 0
  let added = 0
  let removed = 0
  for (const { kind } of diff) {
    if (kind === 'added') added += 1
    else if (kind === 'removed') removed += 1
    else {
      total += Math.max(added, removed)
      added = 0
      removed = 0
    }
  }
  return total + Math.max(added, removed)
}

/** A stretch of a diff worth showing, with unchanged lines around it. */
export interface Hunk {
  readonly lines: readonly DiffLine[]
  /** Unchanged lines left out before it. */
  readonly skipped: number
}

/** Changed stretches with `context` unchanged lines around each. */
export function hunksOf(diff: readonly DiffLine[], context = 3): Hunk[] {
  const near = new Set<number>()
  diff.forEach((line, i) => {
    if (line.kind === 'same') return
    for (let at = Math.max(0, i - context); at <= Math.min(diff.length - 1, i + context); at += 1) near.add(at)
  })
  const hunks: Hunk[] = []
  let skipped = 0
  let current: DiffLine[] = []
  const close = () => {
    if (current.length > 0) hunks.push({ lines: current, skipped })
    if (current.length > 0) skipped = 0
    current = []
  }
  diff.forEach((line, i) => {
    if (near.has(i)) current.push(line)
    else {
      close()
      skipped += 1
    }
  })
  close()
  return hunks
}
