import type { Actor } from '@/lib/auth/model'
import { refuseField } from '@/lib/auth/refusal'
import { publishFor } from '@/lib/policy-store/commands'
import { BadInput } from '../policy/bad-input'
import { readInput } from '../policy/read-input'

/** More than the language takes, so that it is its own sentence that refuses. */
const MAX_FILE_BYTES = 4 * 1024 * 1024

/** Publishes a file. @throws Refusal with the document's errors */
export async function publishFile(actor: Actor, file: string, server: string | null, note: string) {
  const text = await readInput(file, MAX_FILE_BYTES).catch((error: unknown) => {
    throw error instanceof BadInput ? refuseField('file', error.message) : error
  })
  return { file, server, ...(await publishFor(actor, { server, text, note })) }
}

export function sayPublished({
  file,
  server,
  name,
  revision,
  diagnostics,
}: Awaited<ReturnType<typeof publishFile>>): string {
  const notes = diagnostics.map(
    ({ range, severity, code, message }) =>
      `${file}:${range.start.line}:${range.start.column} ${severity} ${code} ${message}\n`,
  )
  return `${notes.join('')}Published r${revision} of ${name} for ${server ?? 'every server'}.\n`
}
