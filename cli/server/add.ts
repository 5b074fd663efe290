import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Actor } from '@/lib/auth/model'
import { Refusal, refuseField } from '@/lib/auth/refusal'
import { addServer, updateServer } from '@/lib/catalogue/commands'
import { checkoutRoot } from '@/lib/catalogue/launch'

export interface AddOptions {
  readonly title?: string
  readonly registryName?: string
  readonly steward?: string
  readonly url?: string
  readonly allowPrivate?: boolean
  readonly sse?: boolean
  readonly shared?: boolean
  readonly env?: readonly string[]
  readonly header?: readonly string[]
}

type YesOrNo = 'yes' | 'no'

export interface UpdateOptions extends Omit<AddOptions, 'registryName' | 'allowPrivate' | 'sse' | 'shared'> {
  readonly sse?: YesOrNo
  readonly shared?: YesOrNo
  readonly drift?: 'block' | 'warn'
  readonly deadline?: string
  readonly idleDeadline?: string
  readonly unsetEnv?: readonly string[]
  readonly unsetHeader?: readonly string[]
}

/** `NAME=value`, the value with whatever `=` it holds. The message never repeats the value. */
function readPairs(pairs: readonly string[] = [], field: string): Record<string, string> {
  return Object.fromEntries(
    pairs.map(pair => {
      const at = pair.indexOf('=')
      if (at <= 0) throw refuseField(field, `Write --${field} as NAME=value.`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

/** null is the proxy's default. */
function readSeconds(words: string | undefined, field: string): number | null | undefined {
  if (words === undefined) return undefined
  if (words === 'default') return null
  if (!/^\d{1,6}$/.test(words)) throw refuseField(field, `Write --${field} as a number of seconds, or as default.`)
  return Number(words)
}

function whether(field: 'isSse' | 'isShared', word: YesOrNo | undefined) {
  return word === undefined ? {} : { [field]: word === 'yes' }
}

/** Servers start in the checkout's root; a file that was named from another folder is stored by its whole path. */
function fromHere(command: readonly string[]): string[] {
  const here = process.cwd()
  if (here === checkoutRoot()) return [...command]
  const isFileHere = (part: string) =>
    existsSync(path.resolve(here, part)) && statSync(path.resolve(here, part)).isFile()
  return command.map((part, index) =>
    (index > 0 || part.includes('/')) && isFileHere(part) ? path.resolve(here, part) : part,
  )
}

/** Adds a server as it was written on the command line. @throws Refusal */
export async function addFromWords(actor: Actor, slug: string, command: readonly string[], options: AddOptions) {
  const { title, registryName, steward, url, allowPrivate = false, sse = false, shared: isShared = false } = options
  const shared = { slug, title, registryName, steward }
  if (url !== undefined && command.length > 0)
    throw new Refusal('invalid', 'Give either --url or a command after --, not both.')
  if (url === undefined && options.header) throw refuseField('header', '--header belongs to a server with --url.')
  if (url !== undefined && options.env)
    throw refuseField('env', '--env belongs to a server that is started by a command.')
  if (url === undefined && sse) throw refuseField('sse', '--sse belongs to a server with --url.')
  if (url !== undefined && isShared)
    throw refuseField('shared', '--shared belongs to a server that is started by a command.')
  if (url !== undefined)
    return addServer(actor, {
      ...shared,
      transport: 'http',
      url,
      allowPrivate,
      isSse: sse,
      headers: readPairs(options.header, 'header'),
    })
  if (command.length === 0)
    throw new Refusal('invalid', `Say how ${slug} is reached: --url URL, or -- and the command that starts it.`)
  const environment = readPairs(options.env, 'env')
  return addServer(actor, { ...shared, transport: 'stdio', command: fromHere(command), environment, isShared })
}

export function sayAdded({ slug }: { slug: string }): string {
  return `Added server ${slug}. Next: intercept server scan ${slug}\n`
}

/** Changes what was named on the command line. @throws Refusal */
export async function updateFromWords(actor: Actor, slug: string, options: UpdateOptions) {
  const { title, steward, url, drift } = options
  const removed = (names: readonly string[] = []) => Object.fromEntries(names.map(name => [name, null]))
  return updateServer(actor, {
    slug,
    title,
    steward,
    url,
    drift,
    ...whether('isSse', options.sse),
    ...whether('isShared', options.shared),
    deadlineSeconds: readSeconds(options.deadline, 'deadline'),
    idleDeadlineSeconds: readSeconds(options.idleDeadline, 'idle-deadline'),
    environment: { ...readPairs(options.env, 'env'), ...removed(options.unsetEnv) },
    headers: { ...readPairs(options.header, 'header'), ...removed(options.unsetHeader) },
  })
}

export function sayUpdated({ slug }: { slug: string }): string {
  return `Changed server ${slug}.\n`
}
