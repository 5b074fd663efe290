/** What a form's action answers with: it goes back into the form, so that nothing typed is lost. */
export interface FormState<Result = unknown> {
  status: 'idle' | 'refused' | 'done'
  /** A sentence over the acts: what was refused, or what was done. */
  message?: string
  /** One sentence per field that must change. */
  errors: Readonly<Record<string, string>>
  /** What was typed, for a page without JavaScript. Never holds a password. */
  values: Readonly<Record<string, string>>
  /** What the command returned, when done. */
  result?: Result
}

export type FormAction<Result = unknown> = (state: FormState<Result>, data: FormData) => Promise<FormState<Result>>

export const idle: FormState<never> = { status: 'idle', errors: {}, values: {} }

/** The fields of a form as an object of strings; a name that comes more than once becomes a list. */
export function readFields(data: FormData): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {}
  for (const name of new Set(data.keys())) {
    // React adds fields of its own (`$ACTION_…`) to forms that work without JavaScript.
    if (name.startsWith('$ACTION')) continue
    const texts = data.getAll(name).filter(value => typeof value === 'string')
    const [only] = texts
    if (only !== undefined) fields[name] = texts.length === 1 ? only : texts
  }
  return fields
}

/** What may be put back into a page: every text but passwords. */
export function keepTyped(data: FormData): Record<string, string> {
  const typed: Record<string, string> = {}
  for (const [name, value] of Object.entries(readFields(data))) {
    if (typeof value === 'string' && !/password|secret|token/i.test(name)) typed[name] = value
  }
  return typed
}

/** What a zod schema can do, without zod. */
export interface FormSchema {
  safeParse(
    input: unknown,
  ):
    | { success: true }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } }
}

/** The first sentence for each field that the schema refuses. */
export function checkFields(schema: FormSchema, data: FormData): Record<string, string> {
  const parsed = schema.safeParse(readFields(data))
  if (parsed.success) return {}
  const errors: Record<string, string> = {}
  for (const issue of parsed.error.issues) errors[String(issue.path[0] ?? '')] ??= issue.message
  return errors
}
