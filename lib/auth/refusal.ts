import type { z } from 'zod'

export type RefusalKind = 'forbidden' | 'invalid' | 'not_found' | 'conflict'

/** One thing to mend; `path` is the field it stands beside, empty for the whole input. */
export interface Issue {
  path: string
  message: string
}

/**
 * A command or query said no, in words for the person who must act. Doors turn it into field errors, a 403 page
 * or an exit code; every other error is a fault of ours.
 */
export class Refusal extends Error {
  readonly kind: RefusalKind
  readonly issues: readonly Issue[]

  constructor(kind: RefusalKind, message: string, issues: readonly Issue[] = []) {
    super(message)
    this.name = 'Refusal'
    this.kind = kind
    this.issues = issues
  }
}

/** Refuses with one message beside a field. */
export function refuseField(path: string, message: string): Refusal {
  return new Refusal('invalid', message, [{ path, message }])
}

/** Parses at the border. @throws Refusal `invalid`, with every issue. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(issue => ({ path: issue.path.join('.'), message: issue.message }))
  throw new Refusal('invalid', issues[0]?.message ?? 'The input is not valid.', issues)
}
