import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { memberWith } from '@/lib/audit/testing/records'
import type { Actor } from '@/lib/auth/model'
import { addSink, pauseSink, removeSink, resumeSink, testSink, updateSink } from './commands'
import type { SinkInput } from './model'
import { readSink, readSinks } from './queries'
import { openSecrets } from './secrets'
import { eventually, type Forwarding, forwarding, SECRET } from './testing/forwarding'

const admin = memberWith('admin')
const owner = memberWith('owner')

let world: Forwarding
beforeAll(async () => {
  world = await forwarding()
})
afterAll(() => world.close())
afterEach(async () => {
  await world.db.database.prisma.sink.deleteMany()
})

const changes = () => world.db.database.prisma.change.findMany({ orderBy: { id: 'asc' } })
const stored = (name: string) => world.db.database.prisma.sink.findUniqueOrThrow({ where: { name } })
const signingSecret = 'shared-secret-of-the-webhook-0001'
const hook = (more: object = {}): SinkInput => ({
  name: 'hook',
  kind: 'webhook',
  settings: { url: 'https://siem.example.com/in' },
  secrets: { signingSecret },
  ...more,
})

test('a sink is added, changed, paused, resumed and removed, each with its change record', async () => {
  await addSink(admin, hook())
  await updateSink(admin, { name: 'hook', effects: ['deny'], settings: { format: 'json' } })
  await pauseSink(admin, { name: 'hook' })
  expect(await readSink(memberWith('viewer'), 'hook')).toMatchObject({
    state: 'paused',
    effects: ['deny'],
    settings: { url: 'https://siem.example.com/in', format: 'json', allowPrivate: false },
    secretNames: ['signingSecret'],
  })
  await expect(pauseSink(admin, { name: 'hook' })).rejects.toMatchObject({ kind: 'conflict' })
  await resumeSink(admin, { name: 'hook' })
  await removeSink(admin, { name: 'hook' })
  expect((await readSinks(admin)).sinks).toEqual([])
  const made = await changes()
  expect(made.map(({ action }) => action)).toEqual([
    'sink.add',
    'sink.update',
    'sink.pause',
    'sink.resume',
    'sink.remove',
  ])
  expect(made.every(({ label, entity }) => label === 'hook' && entity === 'sink')).toBe(true)
})

describe('who may', () => {
  const acts: [string, (actor: Actor) => Promise<unknown>][] = [
    ['add', actor => addSink(actor, hook({ name: 'another' }))],
    ['update', actor => updateSink(actor, { name: 'hook', effects: [] })],
    ['pause', actor => pauseSink(actor, { name: 'hook' })],
    ['resume', actor => resumeSink(actor, { name: 'hook' })],
    ['remove', actor => removeSink(actor, { name: 'hook' })],
    ['test', actor => testSink(actor, { name: 'hook' })],
  ]
  test.each(acts)('%s: admins and owners alone', async (_, act) => {
    await addSink(admin, hook())
    for (const role of ['viewer', 'editor', 'approver', 'auditor'] as const)
      await expect(act(memberWith(role))).rejects.toMatchObject({ kind: 'forbidden' })
  })

  test('only who may read arguments lets them out', async () => {
    await expect(addSink(admin, hook({ withArguments: true }))).rejects.toMatchObject({ kind: 'forbidden' })
    await addSink(admin, hook())
    await expect(updateSink(admin, { name: 'hook', withArguments: true })).rejects.toMatchObject({ kind: 'forbidden' })
    await updateSink(memberWith('admin', 'auditor'), { name: 'hook', withArguments: true })
    // Nor does an admin send elsewhere what somebody else let out.
    const moved = { name: 'hook', settings: { url: 'https://mine.example.com/' }, secrets: { signingSecret } }
    await expect(updateSink(admin, moved)).rejects.toMatchObject({ kind: 'forbidden' })
  })

  test('nobody without a role reads that there are any', async () => {
    await expect(readSinks(memberWith())).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(readSink(memberWith(), 'hook')).rejects.toMatchObject({ kind: 'forbidden' })
  })
})

describe('what is refused', () => {
  const cases: [string, object, string, RegExp][] = [
    ['plain http', { settings: { url: 'http://siem.example.com/' } }, 'settings.url', /in the clear/],
    ['loopback unasked', { settings: { url: 'http://localhost:1/' } }, 'settings.url', /allow private addresses/],
    ['credentials in an address', { settings: { url: 'https://a:b@x.org/' } }, 'settings.url', /into a header/],
    ['a short secret', { secrets: { signingSecret: 'short' } }, 'secrets.signingSecret', /24 characters/],
    ['a setting of another kind', { settings: { url: 'https://x.org/', bucket: 'b' } }, 'settings', /bucket/],
    ['no name', { name: '' }, 'name', /A name is 1 to 63/],
    ['no address', { settings: {} }, 'settings.url', /An address is missing/],
    ['no secret', { secrets: {} }, 'secrets.signingSecret', /A signing secret is missing/],
    ['an effect that is none', { effects: ['perhaps'] }, 'effects.0', /allow/],
  ]
  test.each(cases)('%s', async (_, more, path, message) => {
    const refused = await addSink(owner, hook(more)).catch(error => error)
    expect(refused).toMatchObject({ kind: 'invalid' })
    expect(refused.issues.map((issue: { path: string }) => issue.path)).toContain(path)
    expect(refused.message).toMatch(message)
  })

  test('a second one of the same name', async () => {
    await addSink(owner, hook())
    await expect(addSink(owner, hook())).rejects.toMatchObject({ issues: [{ path: 'name' }] })
  })

  test('a move that would take the secrets along', async () => {
    await addSink(owner, hook())
    const moved = { url: 'https://elsewhere.example.com/' }
    await expect(updateSink(owner, { name: 'hook', settings: moved })).rejects.toThrow(/set signingSecret again/)
    const other = 'shared-secret-of-the-webhook-0002'
    await updateSink(owner, { name: 'hook', settings: moved, secrets: { signingSecret: other } })
    expect(openSecrets(SECRET, await stored('hook'))).toEqual({ signingSecret: other })
  })

  test('a test that nobody could send', async () => {
    await addSink(owner, hook())
    await expect(testSink(owner, { name: 'hook' })).rejects.toThrow(/intercept audit forward/)
  })
})

test('a proxy neither reads nor writes sinks', async () => {
  const pool = new pg.Pool({ connectionString: world.db.proxyUrl, max: 1 })
  for (const statement of ['SELECT name FROM sinks', 'DELETE FROM sinks', "UPDATE sinks SET cursor = '{}'"])
    await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' })
  await pool.end()
})

test('what is secret stands nowhere: not in the table, reads, changes, logs, metrics or errors', async () => {
  const marks = Array.from({ length: 8 }, (_, i) => `corpus-${i}-Zq7RkP0vXw2Lm9`)
  const [mark0, mark1, mark2, mark3, mark4, mark5, mark6] = marks as [string, ...string[]]
  const closed = { allowPrivate: true, url: 'http://127.0.0.1:1/' }
  const pem = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(mark2 ?? '').toString('base64')}\n-----END PRIVATE KEY-----`
  const sinks: SinkInput[] = [
    {
      name: 'w',
      kind: 'webhook',
      settings: closed,
      secrets: { signingSecret: `${mark0}-padding`, headerValue: mark1 ?? '' },
    },
    { name: 'o', kind: 'otlp', settings: closed, secrets: { headerValue: mark7() } },
    {
      name: 'y',
      kind: 'syslog',
      settings: { host: '127.0.0.1', port: 1, allowPrivate: true },
      secrets: { clientKey: pem },
    },
    {
      name: 's',
      kind: 's3',
      settings: { endpoint: 'http://127.0.0.1:1', allowPrivate: true, bucket: 'records', lingerSeconds: 1 },
      secrets: { accessKeyId: mark3 ?? '', secretAccessKey: mark4 ?? '' },
    },
    {
      name: 'n',
      kind: 'nats',
      settings: { url: 'nats://127.0.0.1:1', allowPrivate: true },
      secrets: { user: 'intercept', password: mark5 ?? '', token: mark6 ?? '' },
    },
  ]
  function mark7(): string {
    return marks[7] ?? ''
  }
  for (const sink of sinks) await addSink(owner, { ...sink, start: 'beginning' })
  await world.record(2)
  const forwarder = await world.start({ metricsPort: 0 })
  await eventually(async () => (await readSinks(owner)).sinks.every(sink => sink.state === 'failing'))
  const refused = await addSink(owner, hook({ name: 'NOT A NAME', secrets: { signingSecret: marks[0] } })).catch(String)
  const places = {
    table: await world.db.database.prisma.$queryRawUnsafe('SELECT s::text FROM sinks s'),
    bytes: (await world.db.database.prisma.sink.findMany()).map(({ sealed }) =>
      Buffer.from(sealed ?? []).toString('latin1'),
    ),
    views: await readSinks(owner),
    changes: (await changes()).map(({ before, after, label }) => ({ before, after, label })),
    lines: world.lines,
    metrics: await (await fetch(`http://127.0.0.1:${forwarder.metricsPort}/metrics`)).text(),
    refused,
  }
  await world.stop(forwarder)
  expect(places.views.sinks.length).toBe(5)
  const secrets = [...marks, Buffer.from(mark2 ?? '').toString('base64')]
  for (const [place, content] of Object.entries(places))
    for (const secret of secrets) expect([place, JSON.stringify(content).includes(secret)]).toEqual([place, false])
})
