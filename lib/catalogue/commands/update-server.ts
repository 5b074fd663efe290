import { z } from 'zod'
import { command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { parseInput, refuseField } from '@/lib/auth/refusal'
import { readEnv } from '@/lib/env'
import { openCredentials, sealCredentials } from '../credentials'
import { ServerInput, Slug } from '../model'
import { type ServerRecord, serverBySlug, serverFacts, stewardFor } from '../server-record'

const values = z.record(z.string(), z.string().nullable()).default({})

/** What is left out stays; a variable or header set to null is removed. The rest is checked with the whole server. */
const ServerPatch = z.strictObject({
  slug: Slug,
  title: z.string().optional(),
  registryName: z.string().nullable().optional(),
  steward: z.string().optional(),
  drift: z.string().optional(),
  argumentsKept: z.string().optional(),
  idleDeadlineSeconds: z.number().nullable().optional(),
  deadlineSeconds: z.number().nullable().optional(),
  command: z.array(z.string()).optional(),
  environment: values,
  url: z.string().optional(),
  allowPrivate: z.boolean().optional(),
  isShared: z.boolean().optional(),
  isSse: z.boolean().optional(),
  headers: values,
})

function patched(before: Readonly<Record<string, string>>, patch: Readonly<Record<string, string | null>>) {
  return Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null))
}

/** null is a value: it removes what there was. */
const given = <T>(value: T | undefined, before: T): T => (value === undefined ? before : value)

/** Headers were given for one host; moved along unseen, they would go to another. */
function refuseCarriedHeaders(before: ServerRecord, url: string, given: object): void {
  if (before.url === null || new URL(before.url).origin === new URL(url).origin) return
  const carried = before.headerNames.filter(name => !(name in given))
  if (carried.length > 0)
    throw refuseField('headers', `The address moves to another host: set ${carried.join(', ')} again, or remove it.`)
}

/** How the other transport is spoken would be kept nowhere. */
function refuseOthersSettings({ transport }: ServerRecord, patch: z.infer<typeof ServerPatch>): void {
  const { isShared, isSse, command, url, allowPrivate, environment, headers } = patch
  const isHttp = transport === 'http'
  if (isHttp && isShared) throw refuseField('isShared', 'Only a server with a command has a child to share.')
  if (!isHttp && isSse) throw refuseField('isSse', 'Only a server with an address speaks HTTP with SSE.')
  if (isHttp && command) throw refuseField('command', 'This server is reached at an address and has no command.')
  if (isHttp && Object.keys(environment).length > 0)
    throw refuseField('environment', 'This server is reached at an address: it takes headers, and no variables.')
  const address = 'This server is started by a command and has no address.'
  if (!isHttp && url !== undefined) throw refuseField('url', address)
  if (!isHttp && allowPrivate) throw refuseField('allowPrivate', address)
  if (!isHttp && Object.keys(headers).length > 0)
    throw refuseField('headers', 'This server is started by a command: it takes variables, and no headers.')
}

/** Changes a server. @throws Refusal */
export async function updateServer(actor: Actor, input: z.input<typeof ServerPatch>): Promise<{ slug: string }> {
  return command(actor, 'server.manage', ServerPatch, input, async ({ tx, change }, patch) => {
    const before = await serverBySlug(tx, patch.slug)
    refuseOthersSettings(before, patch)
    const secret = readEnv().secret
    const opened = openCredentials(secret, before)
    const next = parseInput(ServerInput, {
      slug: before.slug,
      title: patch.title ?? before.title,
      registryName: given(patch.registryName, before.registryName) ?? undefined,
      steward: patch.steward,
      drift: patch.drift ?? before.drift,
      argumentsKept: patch.argumentsKept ?? before.argumentsKept,
      idleDeadlineSeconds: given(patch.idleDeadlineSeconds, before.idleDeadlineSeconds),
      deadlineSeconds: given(patch.deadlineSeconds, before.deadlineSeconds),
      ...(before.transport === 'stdio'
        ? {
            transport: 'stdio',
            command: patch.command ?? before.command,
            environment: patched(opened.environment, patch.environment),
            isShared: patch.isShared ?? before.isShared,
          }
        : {
            transport: 'http',
            url: patch.url ?? before.url,
            allowPrivate: patch.allowPrivate ?? before.allowPrivate,
            isSse: patch.isSse ?? before.isSse,
            headers: patched(opened.headers, patch.headers),
          }),
    })
    if (next.transport === 'http') refuseCarriedHeaders(before, next.url, patch.headers)
    const environment = next.transport === 'stdio' ? next.environment : {}
    const headers = next.transport === 'http' ? next.headers : {}
    const touched = [...Object.keys(patch.environment), ...Object.keys(patch.headers)]
    const after = await tx.server.update({
      where: { id: before.id },
      data: {
        title: next.title?.trim() || before.slug,
        registryName: next.registryName ?? null,
        stewardId: patch.steward === undefined ? before.stewardId : await stewardFor(tx, actor, patch.steward),
        command: next.transport === 'stdio' ? next.command : [],
        url: next.transport === 'http' ? next.url : null,
        allowPrivate: next.transport === 'http' && next.allowPrivate,
        drift: next.drift,
        argumentsKept: next.argumentsKept,
        idleDeadlineSeconds: next.idleDeadlineSeconds,
        deadlineSeconds: next.deadlineSeconds,
        isShared: next.transport === 'stdio' && next.isShared,
        isSse: next.transport === 'http' && next.isSse,
        ...(touched.length > 0
          ? {
              sealed: sealCredentials(secret, before.id, { environment, headers }),
              environmentNames: Object.keys(environment),
              headerNames: Object.keys(headers),
            }
          : {}),
      },
    })
    await change({
      action: 'server.update',
      entity: 'server',
      entityId: before.id,
      label: before.slug,
      before: serverFacts(before),
      after: { ...serverFacts(after), ...(touched.length > 0 ? { credentialsSet: touched } : {}) },
    })
    return { slug: before.slug }
  })
}
