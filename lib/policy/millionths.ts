/** Integer millionths of a number; null when it is negative, not finite, finer than a millionth, or too large to count. */
export function millionthsOf(value: number): number | null {
  if (!(value >= 0)) return null
  if (Number.isInteger(value)) return value <= 9_007_199_254 ? value * 1_000_000 : null
  // By the digits, since value * 1e6 rounds.
  const match = /^([0-9]+)\.([0-9]{1,6})$/.exec(String(value))
  if (!match) return null
  const result = Number(`${match[1]}${(match[2] ?? '').padEnd(6, '0')}`)
  return Number.isSafeInteger(result) ? result : null
}
