import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { type Action, type Actor, can, commandLineActor, Role, seedActor } from './model'
import { Refusal } from './refusal'

const memberWith = (...roles: Role[]): Actor => ({ kind: 'member', id: null, name: 'test', roles, source: '' })

// DESIGN §7. An owner may do everything.
const table: Record<Action, Role[]> = {
  read: ['viewer', 'editor', 'approver', 'auditor', 'admin'],
  'read.arguments': ['auditor'],
  'record.export': ['auditor'],
  'policy.edit': ['editor'],
  'policy.publish': ['editor'],
  'server.manage': ['admin'],
  'identity.manage': ['admin'],
  'member.manage': ['admin'],
  'sink.manage': ['admin'],
  'owner.manage': [],
  'site.read': [],
}
const rows = Object.entries(table).flatMap(([action, roles]) =>
  Role.options.map(role => [role, action as Action, role === 'owner' || roles.includes(role)] as const),
)
test.each(rows)('%s %s: %s', (role, action, allowed) => {
  expect(can(memberWith(role), action)).toBe(allowed)
})

test('roles add up, no role allows nothing, and the command line and the seed own what they reach', () => {
  for (const action of Object.keys(table) as Action[]) {
    expect(can(memberWith(), action)).toBe(false)
    expect(can(commandLineActor('ada', 'host'), action)).toBe(true)
    expect(can(seedActor, action)).toBe(true)
  }
  expect(can(memberWith('editor', 'admin'), 'policy.publish')).toBe(true)
  expect(can(memberWith('editor', 'admin'), 'server.manage')).toBe(true)
})

/** The action that each command of the house asks for. A command without a row fails below: add it. */
const actionOf: Record<string, Action> = {
  'auth addMember': 'member.manage',
  'auth disableMember': 'member.manage',
  'auth enableMember': 'member.manage',
  'auth resetMember': 'member.manage',
  'catalogue addServer': 'server.manage',
  'catalogue approveTools': 'server.manage',
  'catalogue removeServer': 'server.manage',
  'catalogue scanServer': 'server.manage',
  'catalogue setToolCategory': 'server.manage',
  'catalogue updateServer': 'server.manage',
  'identity addGrant': 'identity.manage',
  'identity addIdentity': 'identity.manage',
  'identity disableIdentity': 'identity.manage',
  'identity enableIdentity': 'identity.manage',
  'identity issueKey': 'identity.manage',
  'identity revokeGrant': 'identity.manage',
  'identity revokeKey': 'identity.manage',
  'policy-store createPolicy': 'policy.edit',
  'policy-store discardDraft': 'policy.edit',
  'policy-store publishFor': 'policy.publish',
  'policy-store publishPolicy': 'policy.publish',
  'policy-store saveDraft': 'policy.edit',
}
/** What the public page's forms call: nobody is signed in there. */
const open = ['site requestEarlyAccess', 'site sendMessage']

type Door = (actor: Actor, input: unknown) => Promise<unknown>

/** Every function that `lib/<area>/<floor>` exports, as `area name`. */
async function doorsOf(floor: 'commands' | 'queries'): Promise<Map<string, Door>> {
  const doors = new Map<string, Door>()
  for (const area of readdirSync('lib')) {
    const file = [`lib/${area}/${floor}.ts`, `lib/${area}/${floor}/index.ts`].find(each => existsSync(each))
    if (!file) continue
    const module: Record<string, unknown> = await import(path.resolve(file))
    for (const [name, value] of Object.entries(module))
      if (typeof value === 'function') doors.set(`${area} ${name}`, value as Door)
  }
  return doors
}

const refusalOf = async (door: Door, actor: Actor): Promise<unknown> => {
  try {
    return await door(actor, {})
  } catch (error) {
    return error instanceof Refusal ? error.kind : error
  }
}

let base: TestDatabase
beforeAll(async () => {
  base = await testDatabase()
  replaceDatabase(base.database)
})
afterAll(async () => {
  replaceDatabase(undefined)
  await base.close()
})

test('every command refuses whoever has no role, and each role but those that its action names', async () => {
  const commands = await doorsOf('commands')
  expect([...commands.keys()].filter(name => !open.includes(name) && !(name in actionOf))).toEqual([])
  expect(Object.keys(actionOf).filter(name => !commands.has(name))).toEqual([])
  for (const [name, action] of Object.entries(actionOf)) {
    const door = commands.get(name)
    if (!door) continue
    expect([name, await refusalOf(door, memberWith())]).toEqual([name, 'forbidden'])
    for (const role of Role.options) {
      const answer = await refusalOf(door, memberWith(role))
      // An empty input is refused too, but as `invalid`, and only by those who got past the door.
      if (can(memberWith(role), action)) expect([name, role, answer]).toEqual([name, role, 'invalid'])
      else expect([name, role, answer]).toEqual([name, role, 'forbidden'])
    }
  }
  expect(await base.database.prisma.change.count()).toBe(0)
})

test('every query refuses whoever has no role', async () => {
  const queries = await doorsOf('queries')
  expect(queries.size).toBeGreaterThan(10)
  for (const [name, door] of queries) expect([name, await refusalOf(door, memberWith())]).toEqual([name, 'forbidden'])
})

test('an admin manages members, but neither makes nor touches an owner', async () => {
  const { addMember, disableMember, resetMember } = await import('./commands')
  const admin = memberWith('admin')
  const owner = { email: 'owner@example.com', name: 'O', roles: ['owner' as const] }
  await expect(addMember(admin, owner)).rejects.toMatchObject({ kind: 'forbidden' })
  await addMember(commandLineActor('ada', 'host'), owner)
  await addMember(admin, { ...owner, email: 'viewer@example.com', roles: ['viewer'] })
  for (const command of [disableMember, resetMember]) {
    await expect(command(admin, { email: 'owner@example.com' })).rejects.toMatchObject({ kind: 'forbidden' })
    await command(admin, { email: 'viewer@example.com' }).catch(error => expect(error.kind).toBe('conflict'))
  }
})
