import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { seedActor } from '@/lib/auth/model'
import { sqlOver } from '@/lib/db/sql'
import { uuidv7 } from '@/lib/db/uuid'
import { quarantineRecord } from '../../store'
import { chainOf } from '../../testing/chains'
import { recordChain } from '../../testing/recorded'
import { readSink } from '../queries'
import { eventually, type Forwarding, forwarding, placesIn, placesOf } from '../testing/forwarding'
import { type HttpReceiver, httpReceiver } from '../testing/http-receiver'

let world: Forwarding
let receiver: HttpReceiver
beforeEach(async () => {
  world = await forwarding()
  receiver = await httpReceiver()
  await world.addHook(receiver.url)
})
afterEach(async () => {
  await world.close()
  await receiver.close()
})

async function asRole(url: string, run: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await run(client).finally(() => client.end())
}
const drop = (chain: string, from: number, to: number) =>
  asRole(world.db.ownerUrl, async client => {
    for (const table of ['decisions', 'outcomes'])
      await client.query(`DELETE FROM ${table} WHERE chain = $1 AND sequence BETWEEN $2 AND $3`, [chain, from, to])
  })
const now = () => ({ fields: { time: new Date().toISOString() } })

test('records that retention dropped before they were sent are counted, said, and passed', async () => {
  const chain = await world.record(20, now())
  await drop(chain.chain, 1, 12)
  await drop(chain.chain, 21, 24)
  await world.start({ absentMs: 100 })
  const view = await world.caughtUp('hook')
  expect(view).toMatchObject({ missing: 16, sent: 24 })
  expect(view.lastError).toMatch(/^\d+ records of chain .* were gone before they were sent/)
  const gone = new Set(
    [...Array(12).keys()]
      .map(i => i + 1)
      .concat([21, 22, 23, 24])
      .map(i => `${chain.chain}:${i}`),
  )
  expect(placesIn(receiver.taken())).toEqual(placesOf(chain).filter(place => !gone.has(place)))
})

test('a number that is not there yet is waited for, and no other chain with it', async () => {
  const late = { ...chainOf(10, { chain: uuidv7(), ...now() }), checkpoints: [] }
  const part = (from: number, to: number) => ({ ...late, links: late.links.slice(from - 1, to) })
  await recordChain(world.db.proxyUrl, part(1, 8))
  await recordChain(world.db.proxyUrl, part(13, 20))
  await world.start()
  const other = await world.record(5)
  await eventually(() => placesIn(receiver.taken()).length === 18)
  expect(placesIn(receiver.taken()).sort()).toEqual(placesOf(part(1, 8), other).sort())
  await recordChain(world.db.proxyUrl, part(9, 12))
  expect(await world.caughtUp('hook')).toMatchObject({ missing: 0, sent: 30 })
  expect(placesIn(receiver.taken()).filter(place => place.startsWith(late.chain))).toEqual(placesOf(late))
})

test('a record in quarantine keeps its place, and is sent by its digest alone', async () => {
  const chain = { ...chainOf(2, { chain: uuidv7() }), checkpoints: [] }
  const [first, second] = chain.links
  if (!first || !second) expect.fail('a chain of two calls has four links')
  await recordChain(world.db.proxyUrl, { ...chain, links: chain.links.filter(link => link !== second) })
  await asRole(world.db.proxyUrl, client =>
    quarantineRecord(sqlOver(client as unknown as pg.Pool), {
      kind: second.kind,
      text: second.record ?? '',
      error: 'The tables refuse it.',
      place: second,
    }),
  )
  await world.start()
  await world.caughtUp('hook')
  const events = receiver.taken().flatMap(body =>
    body
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
  )
  expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4])
  expect(events[1]).toMatchObject({ quarantined: true, hash: second.hash, digest: second.digest, record: null })
})

test('a sink that begins now leaves out what was there, also of chains that it does not know', async () => {
  const { addSink } = await import('../commands')
  const chain = { ...chainOf(10, { chain: uuidv7() }), checkpoints: [] }
  const part = (from: number, to: number) => ({ ...chain, links: chain.links.slice(from, to) })
  await recordChain(world.db.proxyUrl, part(0, 10))
  await addSink(seedActor, {
    name: 'later',
    kind: 'file',
    settings: {},
    secrets: {},
  })
  expect((await readSink(seedActor, 'later')).behind).toBe(0)
  await recordChain(world.db.proxyUrl, part(10, 20))
  await world.record(3)
  await world.start()
  expect((await world.caughtUp('later')).sent).toBe(16)
})

test('a cursor forgets chains whose records are all gone, the oldest first, and no other', async () => {
  const kept = await world.record(1)
  const chains = Array.from({ length: 10_009 }, (_, i) => uuidv7(i * 1000))
  await asRole(world.db.consoleUrl, client =>
    client.query('UPDATE sinks SET cursor = $1', [
      Object.fromEntries([...chains, kept.chain].map(chain => [chain, 2])),
    ]),
  )
  await world.start()
  await world.record(1)
  await world.caughtUp('hook')
  const { cursor } = await world.db.database.prisma.sink.findUniqueOrThrow({ where: { name: 'hook' } })
  const left = Object.keys(cursor as object)
  expect(left.length).toBe(10_001)
  expect(chains.filter(chain => !left.includes(chain))).toEqual(chains.slice(0, 10))
  expect(left).toContain(kept.chain)
  expect(placesIn(receiver.taken())).toHaveLength(2)
})

test('the metrics say how far each sink is, what it sent, failed and missed', async () => {
  const chain = await world.record(10, now())
  await drop(chain.chain, 1, 2)
  receiver.answerWith(() => ({ status: 500 }))
  const forwarder = await world.start({ absentMs: 100, metricsPort: 0 })
  const read = async () => (await fetch(`http://127.0.0.1:${forwarder.metricsPort}/metrics`)).text()
  const value = (text: string, name: string) => Number(new RegExp(`^${name}.* ([0-9.]+)$`, 'm').exec(text)?.[1])
  await eventually(async () => value(await read(), 'intercept_sink_failures_total') > 0)
  const failing = await read()
  expect(value(failing, 'intercept_forwarder_active')).toBe(1)
  expect(value(failing, 'intercept_sink_behind_records\\{sink="hook"\\}')).toBe(18)
  expect(value(failing, 'intercept_sink_lag_seconds\\{sink="hook"\\}')).toBeGreaterThan(0)
  receiver.answerWith(() => ({ status: 200 }))
  await world.caughtUp('hook')
  const fine = await read()
  expect(value(fine, 'intercept_sink_sent_total\\{sink="hook"\\}')).toBe(18)
  expect(value(fine, 'intercept_sink_missing_total\\{sink="hook"\\}')).toBe(2)
  expect(value(fine, 'intercept_sink_lag_seconds\\{sink="hook"\\}')).toBe(0)
})
