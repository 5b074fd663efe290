import { RE2JS } from 're2js'

const MAX_PATTERN_LENGTH = 1000
/** Instructions of the compiled program; a match costs at most this per character. */
const MAX_PROGRAM_SIZE = 10_000

/** An RE2 pattern: linear time, one flavour everywhere. */
export interface Pattern {
  test(text: string): boolean
}

/** Compiles RE2 syntax; a sentence that says what is wrong when it is none, or too large. */
export function compilePattern(source: string): Pattern | { readonly fault: string } {
  if (source.length > MAX_PATTERN_LENGTH) return { fault: `A pattern has at most ${MAX_PATTERN_LENGTH} characters.` }
  try {
    const pattern = RE2JS.compile(source)
    if (pattern.programSize() > MAX_PROGRAM_SIZE)
      return { fault: 'The pattern is too large once its repetitions are written out.' }
    return pattern
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { fault: `Not an RE2 pattern: ${message.replace('error parsing regexp: ', '')}.` }
  }
}
