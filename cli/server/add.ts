import type { Actor } from '@/lib/auth/model'
import { Refusal, refuseField } from '@/lib/auth/refusal'
import { addServer } from '@/lib/catalogue/commands'
import { fromHere, readPairs, readSettings, type SettingWords } from './words'

export interface AddOptions extends SettingWords {
  readonly allowPrivate?: boolean
  readonly sse?: boolean
  readonly shared?: boolean
}

/** Adds a server as it was written on the command line. @throws Refusal */
export async function addFromWords(actor: Actor, slug: string, command: readonly string[], options: AddOptions) {
  const { registryName, url, allowPrivate = false, sse = false, shared: isShared = false } = options
  const shared = { slug, registryName, ...readSettings(options) }
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
