/** Room for a bar and the gap beside it, in px. */
const LEAST_PITCH = 4

/** A row's calls over the window, oldest first. Stands beside the number, so it is silent. */
export function SparkBars({
  counts,
  effect,
  width = 124,
  height = 28,
}: {
  counts: readonly number[]
  effect: 'deny' | 'limited' | 'approval'
  /** px */
  width?: number
  height?: number
}) {
  const shown = foldInto(counts, Math.floor(width / LEAST_PITCH))
  const most = Math.max(1, ...shown)
  const pitch = width / shown.length
  const fill = { deny: 'fill-deny', limited: 'fill-limited', approval: 'fill-approval' }[effect]
  return (
    <svg aria-hidden="true" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" className="h-full w-full">
      {shown.map((count, index) => {
        const x = (index * pitch).toFixed(1)
        const tall = count === 0 ? 1 : Math.max(1.5, (count / most) * height)
        return (
          <rect
            key={x}
            x={x}
            width={(pitch * 0.7).toFixed(1)}
            y={(height - tall).toFixed(1)}
            height={tall.toFixed(1)}
            className={count === 0 ? 'fill-line-strong' : fill}
          />
        )
      })}
    </svg>
  )
}

/** At most `most` sums of neighbouring counts. */
export function foldInto(counts: readonly number[], most: number): number[] {
  const size = Math.max(1, Math.ceil(counts.length / most))
  const folded: number[] = []
  for (let at = 0; at < counts.length; at += size) {
    folded.push(counts.slice(at, at + size).reduce((sum, count) => sum + count, 0))
  }
  return folded
}
