// `npm run bench:audit`: records shipped a second, catching up after an outage, and reads of ten million records like life.
// With --quick a tenth of all of it. What the proxy does with and without a record is measured by `npm run bench:proxy`.
import { loadavg } from 'node:os'
import pg from 'pg'
import { type BenchDatabase, benchDatabase, fill, firstDay } from './bench-database'
import { type Measured, measureReads } from './measure-reads'
import { measureShipping, type Shipped } from './ship'

const isQuick = process.argv.includes('--quick')
const share = isQuick ? 0.1 : 1
const DAYS = 30
const DAY_MS = 86_400_000
const MOST_CALLS = 10_000_000 * share
/** Shipped for the rate, and before it to warm up. */
const SHIPPED_CALLS = 200_000 * share
const OUTAGE_SECONDS = 600 * share
const OUTAGE_CALLS_A_SECOND = 2_000
const TARGET_RECORDS_A_SECOND = 25_000

const say = (text: string) => console.log(text)
const round = (value: number) => (value < 10 ? value.toFixed(1) : Math.round(value).toString())
const load = () =>
  `load ${loadavg()
    .map(each => each.toFixed(1))
    .join(' ')}`

async function shipping(): Promise<void> {
  const database = await benchDatabase(8e9)
  try {
    await measureShipping(database.proxyUrl, SHIPPED_CALLS / 4, 60)
    say(`\nShipped through one shipper and one connection, with every index and roll-up (${load()})`)
    sayShipped('rate', await measureShipping(database.proxyUrl, SHIPPED_CALLS, 60))
    const outage = await measureShipping(database.proxyUrl, OUTAGE_SECONDS * OUTAGE_CALLS_A_SECOND, OUTAGE_SECONDS)
    sayShipped(`catching up after ${OUTAGE_SECONDS} s at ${OUTAGE_CALLS_A_SECOND} calls/s`, outage)
  } finally {
    await database.close()
  }
}

function sayShipped(what: string, { calls, records, bytes, seconds, postgresUs, shipperUs }: Shipped): void {
  const rate = records / seconds
  const possible = 1e6 / Math.max(postgresUs, shipperUs)
  say(
    `${what}: ${calls.toLocaleString('en')} calls = ${records.toLocaleString('en')} records (a decision or an outcome), ` +
      `${Math.round(bytes / 1e6)} MB in ${round(seconds)} s: ${Math.round(rate).toLocaleString('en')} records/s, ${Math.round(calls / seconds).toLocaleString('en')} calls/s`,
  )
  say(
    `  processor time a record: Postgres ${round(postgresUs)} µs, shipper ${round(shipperUs)} µs; with a core each that is ` +
      `${Math.round(possible).toLocaleString('en')} records/s (target ${TARGET_RECORDS_A_SECOND.toLocaleString('en')})`,
  )
}

async function reading(calls: number): Promise<Measured[]> {
  const extent = { days: DAYS, callsPerDay: Math.round(calls / DAYS) }
  const database = await benchDatabase(calls * 1_500 + 4e9)
  try {
    const { rows, indexes } = await fill(database, extent)
    say(`\n${calls.toLocaleString('en')} calls made in ${round(rows)} s, indexes in ${round(indexes)} s (${load()})`)
    if (calls === MOST_CALLS) await saySizes(database)
    return await measureReads(database, firstDay(extent).getTime() + DAYS * DAY_MS - 1_000)
  } finally {
    await database.close()
  }
}

async function saySizes(database: BenchDatabase): Promise<void> {
  const client = new pg.Client({ connectionString: database.ownerUrl })
  await client.connect()
  const { rows } = await client.query<{ name: string; size: string }>(
    `SELECT parent.relname AS name, pg_size_pretty(sum(pg_relation_size(i.inhrelid))) AS size
     FROM pg_inherits i JOIN pg_class parent ON parent.oid = i.inhparent GROUP BY 1 ORDER BY sum(pg_relation_size(i.inhrelid)) DESC`,
  )
  await client.end()
  say(rows.map(({ name, size }) => `${name} ${size}`).join(' · '))
}

function sayReads(few: readonly Measured[], many: readonly Measured[]): void {
  const cells = ['read', 'a tenth', 'all', 'quickest–slowest', 'processor', 'grows', 'target', '']
  say(
    `\nReads in ms: of ${(MOST_CALLS / 10).toLocaleString('en')} calls, and of ${MOST_CALLS.toLocaleString('en')} (${load()})`,
  )
  const widths = [42, 8, 8, 18, 10, 7, 7, 5]
  const line = (values: readonly string[]) => say(values.map((value, n) => value.padEnd(widths[n] ?? 0)).join(' '))
  line(cells)
  for (const [n, { name, target, middle, best, worst, processor }] of many.entries()) {
    const before = few[n]?.middle ?? middle
    const span = `${round(best)}–${round(worst)}`
    const standing = target === null ? '' : middle <= target ? 'met' : processor <= target ? 'busy' : 'over'
    line([
      name,
      round(before),
      round(middle),
      span,
      round(processor),
      `×${round(middle / before)}`,
      `${target ?? ''}`,
      standing,
    ])
  }
}

await shipping()
const few = await reading(MOST_CALLS / 10)
const many = await reading(MOST_CALLS)
sayReads(few, many)
say('\nbusy: the wall clock is over the target, the processor time of Postgres is not: other processes had the cores.')
say('\nCalls with and without a record, and what it adds to one: npm run bench:proxy.')
process.exit(0)
