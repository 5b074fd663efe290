import type { Actor } from '@/lib/auth/model'
import { updateServer } from '@/lib/catalogue/commands'
import { fromHere, readPairs, readSettings, type SettingWords } from './words'

type YesOrNo = 'yes' | 'no'

export interface UpdateOptions extends SettingWords {
  readonly allowPrivate?: YesOrNo
  readonly sse?: YesOrNo
  readonly shared?: YesOrNo
  readonly unsetEnv?: readonly string[]
  readonly unsetHeader?: readonly string[]
}

function whether(field: 'allowPrivate' | 'isSse' | 'isShared', word: YesOrNo | undefined) {
  return word === undefined ? {} : { [field]: word === 'yes' }
}

/** Changes what was named on the command line. @throws Refusal */
export async function updateFromWords(actor: Actor, slug: string, command: readonly string[], options: UpdateOptions) {
  const { url, registryName } = options
  const removed = (names: readonly string[] = []) => Object.fromEntries(names.map(name => [name, null]))
  return updateServer(actor, {
    slug,
    url,
    ...readSettings(options),
    registryName: registryName === 'none' ? null : registryName,
    command: command.length > 0 ? fromHere(command) : undefined,
    ...whether('allowPrivate', options.allowPrivate),
    ...whether('isSse', options.sse),
    ...whether('isShared', options.shared),
    environment: { ...readPairs(options.env, 'env'), ...removed(options.unsetEnv) },
    headers: { ...readPairs(options.header, 'header'), ...removed(options.unsetHeader) },
  })
}

export function sayUpdated({ slug }: { slug: string }): string {
  return `Changed server ${slug}.\n`
}
