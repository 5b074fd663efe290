import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seedActor } from '@/lib/auth/model'
import { sha256 } from '../../chain'
import { pauseSink, resumeSink, updateSink } from '../commands'
import { readSink } from '../queries'
import { eventually, type Forwarding, forwarding, placesIn, placesOf } from '../testing/forwarding'
import { type HttpReceiver, httpReceiver } from '../testing/http-receiver'

let world: Forwarding
let receiver: HttpReceiver
beforeEach(async () => {
  world = await forwarding()
  receiver = await httpReceiver()
})
afterEach(async () => {
  await world.close()
  await receiver.close()
})

const signingSecret = 'a shared secret of thirty letters'
const webhook = (name: string, url = receiver.url, more: object = {}) => ({
  name,
  kind: 'webhook' as const,
  settings: { url, allowPrivate: true },
  secrets: { signingSecret },
  ...more,
})
const eventsOf = (bodies: readonly string[]) =>
  bodies.flatMap(body => body.split('\n').filter(Boolean)).map(line => JSON.parse(line))

test('every record of every chain arrives once and in its order, with what verifies it', async () => {
  const chains = [await world.record(30), await world.record(20)]
  await world.add(webhook('hook', receiver.url, { withArguments: true }))
  await world.start()
  await world.caughtUp('hook')
  // A chain that begins later is found by itself.
  chains.push(await world.record(10))
  const view = await world.caughtUp('hook')
  const places = placesIn(receiver.taken())
  expect([...places].sort()).toEqual(placesOf(...chains).sort())
  for (const chain of chains) expect(places.filter(place => place.startsWith(chain.chain))).toEqual(placesOf(chain))
  const byPlace = new Map(chains.flatMap(({ links }) => links.map(link => [`${link.chain}:${link.sequence}`, link])))
  for (const body of receiver.taken()) {
    for (const line of body.trim().split('\n')) {
      const event = JSON.parse(line)
      const link = byPlace.get(`${event.chain}:${event.sequence}`)
      expect([event.kind, event.hash, event.digest]).toEqual([link?.kind, link?.hash, link?.digest])
      expect(sha256(line.slice(line.indexOf('"record":') + 9, -1))).toBe(event.digest)
    }
  }
  expect(view).toMatchObject({ state: 'running', sent: 120, failures: 0, missing: 0, oldestUnsentAt: null })
})

test('arguments go along only where the sink says so, and what conditions found in them neither', async () => {
  const conditions = [
    { path: 'args.path', op: 'equals', needs: '/tmp', was: '/etc/passwd', holds: false },
    { path: 'tool.risk', op: 'equals', needs: 'low', was: 'high', holds: false },
  ]
  const fields = { arguments: { path: '/etc/passwd' }, reasons: [{ rule: 'r', conditions }] }
  await world.record(1, { fields })
  await world.add(webhook('without'))
  await world.add(webhook('with', receiver.url, { withArguments: true }))
  await world.start()
  await Promise.all([world.caughtUp('without'), world.caughtUp('with')])
  const decisions = eventsOf(receiver.taken()).filter(({ kind }) => kind === 'decision')
  expect(decisions.length).toBe(2)
  const [without, whole] = decisions[0].record.arguments ? decisions.reverse() : decisions
  expect(whole.record).toMatchObject({ arguments: { path: '/etc/passwd' }, reasons: [{ conditions }] })
  expect(JSON.stringify(without)).not.toContain('/etc/passwd')
  expect(without.record.reasons[0].conditions[1]).toEqual(conditions[1])
  // The digest is of the whole record, so that the place in the chain can be checked without them.
  expect(without.digest).toBe(whole.digest)
})

test('a filter passes what it leaves out, outcomes with their decisions', async () => {
  await world.record(5, { fields: { effect: 'deny', server: 'files' } })
  await world.record(5, { fields: { effect: 'allow', server: 'files' } })
  await world.record(5, { fields: { effect: 'deny', server: 'mail' } })
  await world.add(webhook('narrow', receiver.url, { effects: ['deny'], servers: ['files'] }))
  await world.start()
  const view = await world.caughtUp('narrow')
  const events = eventsOf(receiver.taken())
  expect(events.map(({ kind }) => kind).sort()).toEqual([...Array(5).fill('decision'), ...Array(5).fill('outcome')])
  expect(new Set(events.map(({ server, effect }) => `${server} ${effect}`))).toEqual(new Set(['files deny']))
  expect(view.sent).toBe(10)
})

describe('a receiver that does not take a batch', () => {
  test.each([
    ['answers 500', { status: 500 }],
    ['answers 429 and says when to come back', { status: 429, headers: { 'retry-after': '1' } }],
    ['closes in the middle', 'cut'],
  ] as const)('%s: nothing is lost, and none is sent twice after it was taken', async (_, how) => {
    const chain = await world.record(40)
    let refusals = 0
    receiver.answerWith(() => (refusals++ < 2 ? how : { status: 200 }))
    await world.add(webhook('hook'))
    await world.start()
    const view = await world.caughtUp('hook')
    expect(placesIn(receiver.taken())).toEqual(placesOf(chain))
    expect(view).toMatchObject({ state: 'running', failures: 2 })
    expect(view.lastError).toMatch(/127\.0\.0\.1/)
  })

  test('is down for a while: nothing is lost', async () => {
    await receiver.down()
    const chains = [await world.record(20)]
    await world.add(webhook('hook'))
    await world.start()
    await eventually(async () => (await readSink(seedActor, 'hook')).state === 'failing')
    chains.push(await world.record(20))
    await receiver.up()
    const view = await world.caughtUp('hook')
    expect(placesIn(receiver.taken()).sort()).toEqual(placesOf(...chains).sort())
    expect(view.lastError).toMatch(/ECONNREFUSED/)
  })

  test('hangs: the others are not delayed, and their cursors are their own', async () => {
    const hung = await httpReceiver()
    hung.answerWith(() => 'hang')
    const chain = await world.record(20)
    await world.add(webhook('a-hung', hung.url))
    await world.add(webhook('b-fine'))
    const forwarder = await world.start()
    await world.caughtUp('b-fine')
    expect(placesIn(receiver.taken())).toEqual(placesOf(chain))
    expect(await readSink(seedActor, 'a-hung')).toMatchObject({ sent: 0, behind: 40 })
    // Nor is the end of the process.
    await world.stop(forwarder)
    await hung.close()
  })

  test('takes fewer at once: batches are halved, and a record that is too large alone goes without its contents', async () => {
    const chain = await world.record(20)
    const large = await world.record(1, { fields: { message: 'x'.repeat(20_000) } })
    receiver.answerWith(body => ({ status: body.length > 8_000 ? 413 : 200 }))
    await world.add(webhook('small'))
    await world.start()
    const view = await world.caughtUp('small')
    expect(placesIn(receiver.taken()).sort()).toEqual(placesOf(chain, large).sort())
    const [bare] = eventsOf(receiver.taken()).filter(event => event.chain === large.chain)
    expect(bare).toMatchObject({ record: null, digest: large.links[0]?.digest })
    expect(view.failures).toBe(0)
  })
})

test('a pause holds everything back, and a resumed sink goes on where it was', async () => {
  const chains = [await world.record(10)]
  await world.add(webhook('hook'))
  await world.start()
  await world.caughtUp('hook')
  await pauseSink(seedActor, { name: 'hook' })
  await eventually(() => world.lines.length > 0)
  chains.push(await world.record(10))
  await world.add(webhook('other'))
  await world.caughtUp('other')
  expect(await readSink(seedActor, 'hook')).toMatchObject({ state: 'paused', behind: 20, sent: 20 })
  await resumeSink(seedActor, { name: 'hook' })
  expect(await world.caughtUp('hook')).toMatchObject({ state: 'running', sent: 40 })
})

test('changed settings count within a moment, and the cursor stays', async () => {
  const other = await httpReceiver()
  await world.record(10)
  await world.add(webhook('hook'))
  await world.start()
  await world.caughtUp('hook')
  await updateSink(seedActor, { name: 'hook', settings: { url: other.url }, secrets: { signingSecret } })
  const later = await world.record(10)
  await eventually(() => placesIn(other.taken()).length === 20)
  expect(placesIn(other.taken())).toEqual(placesOf(later))
  await other.close()
})

test('one forwards at a time; when it ends, the next takes over where it was', async () => {
  const first = await world.start()
  const chains = [await world.record(10)]
  await world.add(webhook('hook'))
  await world.caughtUp('hook')
  const second = await world.start()
  chains.push(await world.record(10))
  await world.caughtUp('hook')
  await world.stop(first)
  chains.push(await world.record(10))
  await world.caughtUp('hook')
  expect(placesIn(receiver.taken()).sort()).toEqual(placesOf(...chains).sort())
  await world.stop(second)
})

test('a database that cuts every connection is come back to, and nothing is lost', async () => {
  const chains = [await world.record(10)]
  await world.add(webhook('hook'))
  await world.start()
  await world.caughtUp('hook')
  const client = new pg.Client({ connectionString: world.db.consoleUrl })
  await client.connect()
  const { rows } = await client.query(
    `SELECT count(pg_terminate_backend(pid)) AS cut FROM pg_stat_activity
     WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()`,
  )
  await client.end()
  expect(Number(rows[0].cut)).toBeGreaterThanOrEqual(2)
  chains.push(await world.record(10))
  await eventually(() => placesIn(receiver.taken()).length >= 40)
  expect([...new Set(placesIn(receiver.taken()))].sort()).toEqual(placesOf(...chains).sort())
  expect(world.lines.filter(line => line.includes('this process forwards records')).length).toBe(2)
})
