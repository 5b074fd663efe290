import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Sql } from '@/lib/db/sql'
import { uuidv7 } from '@/lib/db/uuid'
import { silentLog } from './log'
import { Shipper } from './shipper'
import { Spool, type SpoolOptions } from './spool'
import { encodeLine, type LineKind } from './spool-line'
import { decodeLines } from './spool-lines'
import { recoverSpool } from './spool-recovery'
import { until } from './testing/gateway'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'intercept-spool-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const open = (change: Partial<SpoolOptions> = {}) =>
  new Spool({ directory, durability: 'fsync', maxBytes: 1e9, ...change })

const NOW = '2026-11-22T10:00:00.000Z'
function entry(kind: LineKind, id = uuidv7(), filler = ''): [LineKind, string, { id: string; time: string }] {
  const prefix = kind === 'o' || kind === 'p' ? 'decision_' : ''
  return [kind, `{"${prefix}id":"${id}","${prefix}time":"${NOW}","filler":"${filler}"}`, { id, time: NOW }]
}
const segments = () =>
  readdirSync(directory)
    .filter(name => name.endsWith('.log'))
    .sort()
    .map(name => path.join(directory, name))
const lines = () => segments().flatMap(file => [...decodeLines(readFileSync(file), 1e6).lines])

/** Postgres as far as the shipper sees it: what it takes, and a fault to throw. */
function fakePostgres(fault: (decisions: { id: string }[]) => Error | null = () => null) {
  const taken: { decisions: { id: string }[]; outcomes: { decision_id: string; kind: string }[] } = {
    decisions: [],
    outcomes: [],
  }
  const sql: Sql = {
    async query<Row extends object>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
      if (!text.includes('record_calls')) return []
      const [outcomes, decisions] = parameters.map(text => JSON.parse(text as string))
      const error = fault(decisions)
      if (error) throw error
      taken.decisions.push(...decisions)
      taken.outcomes.push(...outcomes)
      return [{ inserted: decisions.length }] as Row[]
    },
  }
  return { sql, taken }
}

test('what append resolved is on disk, whole and in order, readable by its owner only', async () => {
  const spool = open()
  const entries = Array.from({ length: 50 }, () => entry('a'))
  await Promise.all(entries.map(args => spool.append(...args)))
  expect(lines().map(({ text }) => text)).toEqual(entries.map(([, text]) => text))
  expect(statSync(segments()[0] as string).mode & 0o777).toBe(0o600)
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  await spool.close()
})

test('text of any script survives, and a line is never two', () => {
  const text = JSON.stringify({ id: 'x', text: 'é💥\n\r\u2028\u0000' })
  const { lines: read, damaged } = decodeLines(Buffer.concat([encodeLine('a', text), encodeLine('o', '{}')]), 10)
  expect([...read].map(line => [line.kind, line.text])).toEqual([
    ['a', text],
    ['o', '{}'],
  ])
  expect(damaged).toBe(0)
})

test('a flipped bit costs the line it is in and no other', () => {
  const bytes = Buffer.concat(['{"n":1}', '{"n":2}', '{"n":3}'].map(text => encodeLine('d', text)))
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes)
    flipped[at] = (flipped[at] ?? 0) ^ 1
    const { lines: read } = decodeLines(flipped, 10)
    expect(read.length).toBeGreaterThanOrEqual(1)
    for (const { text } of read) expect(['{"n":1}', '{"n":2}', '{"n":3}']).toContain(text)
  }
})

test('room that was made ahead is zeros behind the lines, and goes when the segment is done', async () => {
  const spool = open()
  const [first, second] = [entry('a'), entry('d')]
  await spool.append(...first)
  const file = segments()[0] as string
  const whole = readFileSync(file)
  const end = whole.indexOf(0)
  expect([end > 0, whole.length > end, whole.subarray(end).every(byte => byte === 0)]).toEqual([true, true, true])
  await spool.append(...second)
  expect(lines().map(({ text }) => text)).toEqual([first[1], second[1]])
  await spool.close()
  expect(readFileSync(file).includes(0)).toBe(false)
})

test.each([
  ['', 0],
  ['d 000', 1],
])('a crash leaves zeros behind the lines, and they are no damage: %j', async (torn, damaged) => {
  const spool = open()
  const kept = entry('d')
  await spool.append(...kept)
  await spool.close()
  const file = segments()[0] as string
  appendFileSync(file, Buffer.concat([Buffer.from(torn), Buffer.alloc(200_000)]))
  const next = open()
  expect(await recoverSpool(next, Date.now())).toMatchObject({ damaged })
  expect(statSync(file).size).toBe(encodeLine('d', kept[1]).length + torn.length)
  expect(next.bytes).toBe(statSync(file).size)
  await next.close()
})

test('one process holds a spool; what a dead one left is taken over', async () => {
  const spool = open()
  expect(() => open()).toThrow(/in use by process/)
  await spool.close()
  writeFileSync(path.join(directory, 'lock'), `${process.ppid} ${readStart(process.ppid)}`)
  expect(() => open()).toThrow(/in use by process/)
  writeFileSync(path.join(directory, 'lock'), '4194304 1')
  await open().close()
  expect(existsSync(path.join(directory, 'lock'))).toBe(false)
})

function readStart(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

test('past its bound decisions are refused, and outcomes still find room', async () => {
  const spool = open({ maxBytes: 400 })
  const first = entry('a', undefined, 'x'.repeat(200))
  await spool.append(...first)
  await expect(spool.append(...entry('a', undefined, 'x'.repeat(200)))).rejects.toThrow(/full/)
  await spool.append(...entry('o', first[2].id, 'x'.repeat(200)))
  await spool.close()
})

test('a disk that takes no file refuses, and is asked again for the next one', async () => {
  const spool = open()
  rmSync(directory, { recursive: true })
  await expect(spool.append(...entry('a'))).rejects.toThrow(/ENOENT/)
  mkdirSync(directory)
  await spool.append(...entry('a'))
  expect(lines()).toHaveLength(1)
  await spool.close()
})

test('a torn tail is no record, and what was under way becomes unknown', async () => {
  const first = open()
  const [done, cut, denied] = [entry('a'), entry('a'), entry('d')]
  for (const args of [done, cut, denied, entry('o', done[2].id)]) await first.append(...args)
  await first.close()
  const torn = encodeLine('a', entry('a')[1])
  appendFileSync(segments()[0] as string, torn.subarray(0, torn.length - 5))
  const spool = open()
  expect(await recoverSpool(spool, Date.parse(NOW))).toEqual({ unknown: 1, damaged: 1 })
  const { sql, taken } = fakePostgres()
  const shipper = new Shipper(spool, directory, sql, silentLog)
  shipper.start()
  await until(() => shipper.pendingBytes === 0)
  expect(taken.decisions.map(({ id }) => id)).toEqual([done, cut, denied].map(([, , { id }]) => id))
  expect(taken.outcomes.find(({ decision_id }) => decision_id === cut[2].id)).toMatchObject({ kind: 'unknown' })
  await shipper.stop(1_000)
  await spool.close()
})

test('a call that outlives its segment is still known to be under way after a crash', async () => {
  const spool = open({ segmentBytes: 500 })
  const long = entry('a')
  await spool.append(...long)
  for (let i = 0; i < 20; i++) await spool.append(...entry('d', undefined, 'x'.repeat(100)))
  const shipper = new Shipper(spool, directory, fakePostgres().sql, silentLog)
  shipper.start()
  await until(() => shipper.pendingBytes === 0 && segments().length === 1)
  await shipper.stop(1_000)
  await spool.close()
  const again = open()
  expect(await recoverSpool(again, Date.now())).toMatchObject({ unknown: 1 })
  expect(again.open.size).toBe(0)
  await again.close()
})

test('shipped segments are removed, and a fault of Postgres only delays', async () => {
  let faults = 3
  const { sql, taken } = fakePostgres(() => (faults-- > 0 ? Object.assign(new Error('away'), { code: '57P01' }) : null))
  const spool = open({ segmentBytes: 2_000 })
  const entries = Array.from({ length: 200 }, () => entry('d'))
  await Promise.all(entries.map(args => spool.append(...args)))
  for (const args of entries.slice(0, 50)) await spool.append(...entry('d', args[2].id))
  const shipper = new Shipper(spool, directory, sql, silentLog)
  shipper.start()
  await until(() => shipper.pendingBytes === 0)
  expect(taken.decisions).toHaveLength(250)
  expect(segments()).toHaveLength(1)
  expect(shipper.lagMs).toBe(0)
  await shipper.stop(1_000)
  await spool.close()
})

test('a record that Postgres refuses is set aside whole, and stops nothing behind it', async () => {
  const bad = entry('d')
  const { sql, taken } = fakePostgres(decisions =>
    decisions.some(({ id }) => id === bad[2].id) ? Object.assign(new Error('bad value'), { code: '22P05' }) : null,
  )
  const spool = open()
  const good = Array.from({ length: 20 }, () => entry('d'))
  await Promise.all([...good.slice(0, 9), bad, ...good.slice(9)].map(args => spool.append(...args)))
  const shipper = new Shipper(spool, directory, sql, silentLog)
  shipper.start()
  await until(() => shipper.pendingBytes === 0)
  expect(taken.decisions.map(({ id }) => id)).toEqual(good.map(([, , { id }]) => id))
  expect(JSON.parse(readFileSync(path.join(directory, 'quarantine.ndjson'), 'utf8')).record).toBe(bad[1])
  expect(shipper.counts.quarantined).toBe(1)
  await shipper.stop(1_000)
  await spool.close()
})

test('appends that wait while a sync runs go together in the next', async () => {
  const spool = open()
  const onDurable = vi.fn()
  spool.onDurable = onDurable
  await Promise.all(Array.from({ length: 100 }, () => spool.append(...entry('a'))))
  expect(onDurable.mock.calls.length).toBeLessThan(10)
  await spool.close()
})
