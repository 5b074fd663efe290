import { z } from 'zod'
import { parseInput, refuseField } from '@/lib/auth/refusal'
import type { ServerInput } from '@/lib/catalogue/model'
import { splitCommand, TypedCommand } from './command-line'

type Input = z.input<typeof ServerInput>
/** A server without its slug, which is chosen once. */
export type ServerFields =
  | Omit<Extract<Input, { transport: 'stdio' }>, 'slug'>
  | Omit<Extract<Input, { transport: 'http' }>, 'slug'>

/** The fields of a server's form as a command takes them; which ones there are depends on the transport. */
export function readServerForm(data: FormData): ServerFields {
  const text = (name: string) => String(data.get(name) ?? '').trim()
  const shared = {
    ...(text('title') ? { title: text('title') } : {}),
    ...(text('registryName') ? { registryName: text('registryName') } : {}),
    ...(text('steward') ? { steward: text('steward') } : {}),
    ...readSeconds(data, 'deadlineSeconds'),
    ...readSeconds(data, 'idleDeadlineSeconds'),
  }
  if (text('transport') === 'http') {
    const headers = readPairs(data, 'header')
    return {
      ...shared,
      transport: 'http',
      url: text('url'),
      allowPrivate: data.has('allowPrivate'),
      isSse: data.has('isSse'),
      headers,
    }
  }
  const { command: typed } = parseInput(z.object({ command: TypedCommand }), { command: text('command') })
  const command = splitCommand(typed) ?? []
  return {
    ...shared,
    transport: 'stdio',
    command,
    isShared: data.has('isShared'),
    environment: readPairs(data, 'environment'),
  }
}

/** Seconds as they were typed; null where the field was emptied, nothing where the form has none. */
function readSeconds(data: FormData, field: 'deadlineSeconds' | 'idleDeadlineSeconds') {
  const typed = data.get(field)
  if (typeof typed !== 'string') return {}
  if (typed.trim() === '') return { [field]: null }
  if (!/^\d{1,6}$/.test(typed.trim())) throw refuseField(field, 'Write a whole number of seconds, or leave it empty.')
  return { [field]: Number(typed) }
}

/** Rows of name and value. A row without a name is left out; a value without a name is refused, since it would be lost. */
export function readPairs(data: FormData, kind: 'environment' | 'header'): Record<string, string> {
  const values = data.getAll(`${kind}Secret`).map(String)
  const pairs: Record<string, string> = {}
  for (const [i, typed] of data.getAll(`${kind}Name`).map(String).entries()) {
    const name = typed.trim()
    const value = values[i] ?? ''
    if (name === '' && value !== '') throw refuseField(fieldOf(kind), 'A value has no name. Name it, or empty the row.')
    if (name === '') continue
    if (name in pairs) throw refuseField(fieldOf(kind), `${name} is there twice. Keep one row.`)
    pairs[name] = value
  }
  return pairs
}

function fieldOf(kind: 'environment' | 'header'): string {
  return kind === 'environment' ? 'environment' : 'headers'
}
