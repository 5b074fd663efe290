/** The middle of some numbers; of an even count, of the two in the middle the upper one. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0
}

/** How far rounds lie apart: the lowest and the highest, in hundredths of the median. */
export function spread(numbers: readonly number[]): string {
  const middle = median(numbers)
  if (middle === 0) return '–'
  const percent = (number: number) => `${Math.round((number / middle - 1) * 100)}`
  return `${percent(Math.min(...numbers))}…+${percent(Math.max(...numbers))} %`
}

/** The value that so many of the sorted numbers do not exceed. @param share 0 to 1 */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}
