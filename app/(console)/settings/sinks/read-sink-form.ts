import type { SinkKind } from '@/lib/audit/sinks/model'
import { Refusal } from '@/lib/auth/refusal'
import { controlOf, fieldsOf, isSecret } from './sink-fields'

/** What a sink's form says, as a command takes it once the kind is known. */
export interface SinkForm {
  readonly effects: string[]
  readonly servers: string[]
  readonly withArguments: boolean
  /** Fields that were left empty are not in it. */
  readonly settings: Record<string, unknown>
  readonly emptied: string[]
  readonly secrets: Record<string, string>
}

/** Reads the fields of a kind; an empty one takes its default. */
export function readSinkForm(kind: SinkKind, data: FormData): SinkForm {
  const text = (name: string) => String(data.get(name) ?? '').trim()
  const settings: Record<string, unknown> = {}
  const secrets: Record<string, string> = {}
  const emptied: string[] = []
  for (const field of fieldsOf[kind]) {
    const value = text(controlOf(field))
    if (field.type === 'check') settings[field.name] = data.has(field.name)
    else if (isSecret(field) && value) secrets[field.name] = value
    else if (!isSecret(field) && value) settings[field.name] = value
    else if (!isSecret(field)) emptied.push(field.name)
  }
  return {
    effects: data.getAll('effects').map(String),
    servers: text('servers')
      .split(/[\s,]+/)
      .filter(Boolean),
    withArguments: data.has('withArguments'),
    settings,
    emptied,
    secrets,
  }
}

/** The refusal with its issues beside the fields they are about. */
export function besideFields(refusal: Refusal): Refusal {
  const issues = refusal.issues.map(({ path, message }) => ({
    path: path.replace(/^settings\./, '').replace(/^secrets\./, 'secret-'),
    message,
  }))
  return new Refusal(refusal.kind, refusal.message, issues)
}
