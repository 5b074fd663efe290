import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { refuseField } from '@/lib/auth/refusal'
import { checkoutRoot } from '@/lib/catalogue/launch'

/** What adding and changing have in common, as it was written. */
export interface SettingWords {
  readonly title?: string
  readonly registryName?: string
  readonly steward?: string
  readonly url?: string
  readonly drift?: 'block' | 'warn'
  readonly arguments?: 'keep' | 'masked' | 'keys' | 'none'
  readonly deadline?: string
  readonly idleDeadline?: string
  readonly env?: readonly string[]
  readonly header?: readonly string[]
}

/** Those that both take alike; what was not named is undefined. */
export function readSettings(words: SettingWords) {
  return {
    title: words.title,
    steward: words.steward,
    drift: words.drift,
    argumentsKept: words.arguments,
    deadlineSeconds: readSeconds(words.deadline, 'deadline'),
    idleDeadlineSeconds: readSeconds(words.idleDeadline, 'idle-deadline'),
  }
}

/** `NAME=value`, the value with whatever `=` it holds. The message never repeats the value. */
export function readPairs(pairs: readonly string[] = [], field: string): Record<string, string> {
  return Object.fromEntries(
    pairs.map(pair => {
      const at = pair.indexOf('=')
      if (at <= 0) throw refuseField(field, `Write --${field} as NAME=value.`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

/** null is the default. */
function readSeconds(words: string | undefined, field: string): number | null | undefined {
  if (words === undefined) return undefined
  if (words === 'default') return null
  if (!/^\d{1,6}$/.test(words)) throw refuseField(field, `Write --${field} as a number of seconds, or as default.`)
  return Number(words)
}

/** Servers start in the checkout's root; a file that was named from another folder is stored by its whole path. */
export function fromHere(command: readonly string[]): string[] {
  const here = process.cwd()
  if (here === checkoutRoot()) return [...command]
  const isFileHere = (part: string) =>
    existsSync(path.resolve(here, part)) && statSync(path.resolve(here, part)).isFile()
  return command.map((part, index) =>
    (index > 0 || part.includes('/')) && isFileHere(part) ? path.resolve(here, part) : part,
  )
}
