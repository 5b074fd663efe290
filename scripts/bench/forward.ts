// How many records a second one forwarder takes from Postgres to a receiver: `npx tsx scripts/bench/forward.ts [calls] [chains]`.
// NATS where nats-server is installed, and files; the record is made first and not counted.
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import { Forwarder } from '@/lib/audit/sinks/forward/forwarder'
import { NatsSink } from '@/lib/audit/sinks/kinds/nats'
import { eventsOf } from '@/lib/audit/sinks/testing/events'
import { natsServer, startNats } from '@/lib/audit/sinks/testing/nats-server'
import { chainOf } from '@/lib/audit/testing/chains'
import { recordChain } from '@/lib/audit/testing/recorded'
import { startPostgres } from '@/lib/db/embedded-postgres'
import { ensureRoles } from '@/lib/db/roles'
import { uuidv7 } from '@/lib/db/uuid'
import { migrate } from '@/prisma/migrate'

const [calls = 25_000, chains = 4] = process.argv.slice(2).map(Number)
const fields = { arguments: { path: '/srv/data', text: 'x'.repeat(300) }, reasons: [{ rule: 'r', line: 7 }] }
const say = (text: string) => process.stdout.write(`${text}\n`)
const rate = (records: number, ms: number) => `${Math.round(records / (ms / 1000)).toLocaleString('en')} records/s`

const folder = mkdtempSync(path.join(tmpdir(), 'intercept-bench-'))
const postgres = await startPostgres(folder)
await migrate(postgres.ownerUrl)
const { consoleUrl, proxyUrl } = await ensureRoles(postgres.ownerUrl, { consolePassword: 'c', proxyPassword: 'p' })
const pool = new pg.Pool({ connectionString: consoleUrl })
const total = calls * chains * 2
for (let i = 0; i < chains; i++) await recordChain(proxyUrl, chainOf(calls, { chain: uuidv7(), every: 1_000, fields }))
say(`${total.toLocaleString('en')} records in ${chains} chains; load ${loadavg()[0]?.toFixed(1)}`)

async function measure(name: string, kind: string, settings: object): Promise<void> {
  await pool.query('DELETE FROM sinks')
  await pool.query('INSERT INTO sinks (id, name, kind, settings, with_arguments) VALUES ($1, $2, $3, $4, true)', [
    uuidv7(),
    name,
    kind,
    settings,
  ])
  const forwarder = new Forwarder({
    databaseUrl: consoleUrl,
    secret: 'a secret of at least thirty-two characters',
    filesFolder: folder,
    metricsPort: undefined,
    log: { info: () => undefined, warn: (fields, words) => say(JSON.stringify({ ...fields, words })) },
  })
  const [cpu, startedAt] = [process.cpuUsage(), performance.now()]
  await forwarder.start()
  for (;;) {
    await sleep(100)
    const { rows } = await pool.query('SELECT sent FROM sinks')
    if (Number(rows[0]?.sent) >= total) break
  }
  const ms = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  await forwarder.stop()
  const busy = Math.round((user + system) / total)
  say(
    `${name}: ${rate(total, ms)}, ${busy} µs of processor a record, ${Math.round(process.memoryUsage().rss / 1024 / 1024)} MB; load ${loadavg()[0]?.toFixed(1)}`,
  )
}

try {
  await measure('file', 'file', { mostMegabytes: 1_000 })
  if (natsServer === null) say('nats-server is not installed: apt-get install -y --no-install-recommends nats-server')
  else {
    const nats = await startNats()
    const connection = await connect({ servers: nats.address })
    const manager = await jetstreamManager(connection)
    await manager.streams.add({ name: 'RECORDS', subjects: ['intercept.records.>'] })
    await measure('nats', 'nats', { url: nats.url, allowPrivate: true })
    // The same messages from memory: what is left is the client and the server.
    const sink = new NatsSink({ url: nats.url, allowPrivate: true, subject: 'intercept.records' }, {})
    const events = eventsOf(10_000, { chain: uuidv7(), fields })
    const startedAt = performance.now()
    for (let i = 0; i < events.length; i += 1_000) await sink.send(events.slice(i, i + 1_000))
    say(`nats from memory: ${rate(events.length, performance.now() - startedAt)}`)
    await sink.close()
    await connection.close()
    await nats.close()
  }
} finally {
  await pool.end()
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
}
