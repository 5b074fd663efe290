/**
 * A JSON number whose text is not what JavaScript would print for it: `1.0`, `1e2`, `9007199254740993`.
 * The text is kept, so that what is forwarded and digested is what was sent.
 */
export class PreciseNumber {
  /** The nearest double. */
  readonly value: number
  /** Whether the double is that very number. An inexact one is an error in a condition. */
  readonly isExact: boolean

  constructor(readonly source: string) {
    this.value = Number(source)
    this.isExact = Number.isFinite(this.value) && decimalOf(String(this.value)) === decimalOf(source)
  }

  /** JSON.stringify would round an inexact number; `writeJson` does not. */
  toJSON(): number | string {
    return this.isExact ? this.value : this.source
  }
}

/** One spelling for each decimal number: sign, digits without outer zeros, exponent of the last digit. */
function decimalOf(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)
  if (!match) return text
  const fraction = match[3] ?? ''
  const digits = `${match[2]}${fraction}`.replace(/^0+/, '')
  if (digits === '') return '0'
  const significant = trimTrailingZeros(digits)
  const exponent = Number(match[4] ?? 0) - fraction.length + (digits.length - significant.length)
  return `${match[1]}${significant}e${exponent}`
}

/** A loop, since `/0+$/` takes quadratic time on long runs of zeros. */
function trimTrailingZeros(digits: string): string {
  let end = digits.length
  while (end > 1 && digits.charCodeAt(end - 1) === 48) end--
  return digits.slice(0, end)
}
