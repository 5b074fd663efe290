import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { openPool } from '@/lib/db/pool'
import { type Sql, sqlOver } from '@/lib/db/sql'
import { testEvent } from '../event'
import { type OpenSink, openSink } from '../kinds/open-sink'
import { secretsOf, settingsOf } from '../model'
import { readOldestUnsent } from '../read-links'
import { openSecrets } from '../secrets'
import { type ForwardedSink, readSinksToForward, saveTest } from '../store'
import { Heads } from './heads'
import { holdLock } from './hold-lock'
import { Lane } from './lane'
import { ForwarderMetrics, type Lag, serveMetrics } from './metrics'

const SETTINGS_CHANNEL = 'intercept_sinks'
/** One word a batch of records; `LOOK_EVERY_MS` is the net beneath it. */
const RECORD_CHANNEL = 'intercept_record'
/** How often new records are looked for at least, and at most, in ms. */
const LOOK_EVERY_MS = 1_000
const LOOK_AGAIN_MS = 100
/** How often settings are read anew though nothing was notified. */
const RELOAD_EVERY_MS = 15_000
const CONNECTIONS = 6
/** A Postgres that hangs must not hold a sink for ever. */
const STATEMENT_MS = 30_000

/** What the forwarder says, a line a happening; never a credential. */
export interface ForwarderLog {
  info(fields: object, words: string): void
  warn(fields: object, words: string): void
}

export interface ForwarderOptions {
  /** The console's role. */
  readonly databaseUrl: string
  /** INTERCEPT_SECRET */
  readonly secret: string
  /** Where file sinks keep their folders. */
  readonly filesFolder: string
  /** Serves `/metrics` on loopback when set. */
  readonly metricsPort: number | undefined
  readonly log: ForwarderLog
  readonly lookEveryMs?: number
  /** See `Lane`. */
  readonly absentMs?: number | undefined
}

/** Sends records on to every sink, while it is the one forwarder of its database. */
export class Forwarder {
  readonly #pool: pg.Pool
  readonly #sql: Sql
  readonly #heads: Heads
  readonly #metrics = new ForwarderMetrics(() => this.#lags())
  readonly #lanes = new Map<string, { lane: Lane; fingerprint: string; ended: Promise<void> }>()
  /** Tests of paused sinks that are under way. */
  readonly #tests = new Set<string>()
  readonly #stopping = new AbortController()
  #reload: () => void = () => undefined
  #isNotified = false
  #running: Promise<void> = Promise.resolve()
  #server: { port: number; close(): void } | null = null

  constructor(private readonly options: ForwarderOptions) {
    this.#pool = openPool({
      connectionString: options.databaseUrl,
      max: CONNECTIONS,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      statement_timeout: STATEMENT_MS,
      // JIT costs more than it gives for plans over many partitions that return a batch.
      options: '-c jit=off',
    })
    this.#sql = sqlOver(this.#pool)
    this.#heads = new Heads(this.#sql)
  }

  /** The port of `/metrics`; null when it is not served. */
  get metricsPort(): number | null {
    return this.#server?.port ?? null
  }

  /** Begins to wait for its turn. @throws when the port of `/metrics` is taken */
  async start(): Promise<void> {
    const { metricsPort, databaseUrl, log } = this.options
    if (metricsPort !== undefined) this.#server = await serveMetrics(this.#metrics.registry, metricsPort)
    let lastSaid = ''
    this.#running = holdLock(
      databaseUrl,
      [SETTINGS_CHANNEL, RECORD_CHANNEL],
      {
        run: signal => this.#forward(signal),
        notified: channel => this.#notified(channel),
        failed({ message }) {
          // It is tried again each second; once is enough to say so.
          if (message !== lastSaid) log.warn({ why: message }, 'the database cannot be reached; it is tried again')
          lastSaid = message
        },
      },
      this.#stopping.signal,
    )
  }

  /** Ends every lane; what is under way is sent again by the next forwarder. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    this.#server?.close()
    await this.#pool.end()
  }

  /** Whatever is notified while the loop works must not wait for the next look. */
  #notified(channel: string): void {
    this.#isNotified = true
    if (channel === SETTINGS_CHANNEL) this.#reload()
    else this.#heads.wake()
  }

  async #forward(signal: AbortSignal): Promise<void> {
    this.options.log.info({}, 'this process forwards records')
    this.#metrics.active(true)
    let settingsAt = 0
    this.#reload = () => {
      settingsAt = 0
      this.#heads.wake()
    }
    try {
      while (!signal.aborted) {
        try {
          if (this.#lanes.size > 0) await this.#heads.refresh()
          if (Date.now() - settingsAt >= RELOAD_EVERY_MS) {
            settingsAt = Date.now()
            const sinks = await readSinksToForward(this.#sql)
            if (this.#lanes.size === 0 && sinks.length > 0) await this.#heads.refresh()
            this.#arrange(sinks)
          }
        } catch (error) {
          settingsAt = 0
          this.options.log.warn({ why: (error as Error).message }, 'the record cannot be read; it is tried again')
        }
        // Records that come by the hundred a second are looked for together.
        await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined)
        if (settingsAt > 0 && !this.#isNotified)
          await this.#heads.next(this.options.lookEveryMs ?? LOOK_EVERY_MS, signal)
        this.#isNotified = false
      }
    } finally {
      this.#reload = () => undefined
      this.#metrics.active(false)
      await Promise.all([...this.#lanes.keys()].map(id => this.#end(id)))
    }
  }

  /** Starts, restarts and stops lanes so that they are what the settings say. */
  #arrange(sinks: readonly ForwardedSink[]): void {
    const wanted = new Map(sinks.filter(sink => !sink.isPaused).map(sink => [sink.id, sink]))
    for (const [id, { fingerprint }] of this.#lanes) {
      const sink = wanted.get(id)
      // It begins anew once the old one has ended: a receiver that hangs must not keep the others waiting.
      if (!sink || fingerprintOf(sink) !== fingerprint) void this.#end(id).then(() => this.#reload())
    }
    for (const sink of wanted.values()) if (!this.#lanes.has(sink.id)) this.#begin(sink)
    for (const { id, test } of sinks) if (test) this.#lanes.get(id)?.lane.test(test)
    for (const sink of sinks) if (sink.isPaused && sink.test && !this.#tests.has(sink.test)) void this.#testPaused(sink)
  }

  #begin(sink: ForwardedSink): void {
    const { log } = this.options
    const metrics = this.#metrics
    const lane = new Lane(sink, {
      sql: this.#sql,
      heads: this.#heads,
      open: () => this.#open(sink),
      absentMs: this.options.absentMs,
      events: {
        sent: (name, records) => metrics.sent(name, records),
        failed(name, why) {
          metrics.failed(name)
          log.warn({ sink: name, why }, 'a sink did not take records; they are sent again')
        },
        missed(name, records) {
          metrics.missed(name, records)
          log.warn({ sink: name, records }, 'records were gone before they were sent')
        },
        broke: (name, error) => log.warn({ sink: name, why: error.message }, 'the database did not answer a sink'),
      },
    })
    log.info({ sink: sink.name, kind: sink.kind }, 'a sink begins')
    this.#lanes.set(sink.id, { lane, fingerprint: fingerprintOf(sink), ended: lane.run() })
  }

  async #end(id: string): Promise<void> {
    const running = this.#lanes.get(id)
    if (!running) return
    running.lane.stop()
    await running.ended
    this.#lanes.delete(id)
  }

  async #open(sink: ForwardedSink): Promise<OpenSink> {
    const secrets = secretsOf[sink.kind].parse(openSecrets(this.options.secret, sink))
    const settings = settingsOf[sink.kind].parse(sink.settings)
    return openSink(sink.kind, settings, secrets, {
      name: sink.name,
      id: sink.id,
      filesFolder: this.options.filesFolder,
    })
  }

  /** A sink that is paused has no lane; it can be tried out all the same. */
  async #testPaused(sink: ForwardedSink): Promise<void> {
    let open: OpenSink | null = null
    let why: string | null = null
    const id = sink.test ?? ''
    this.#tests.add(id)
    try {
      open = await this.#open(sink)
      await open.send([testEvent(id, sink.name, new Date())], this.#stopping.signal)
    } catch (error) {
      why = (error as Error).message.slice(0, 500)
    } finally {
      await open?.close().catch(() => undefined)
    }
    // Unsaved, it is made again when the settings are read anew.
    await saveTest(this.#sql, sink.id, id, why).catch(() => undefined)
    this.#tests.delete(id)
  }

  async #lags(): Promise<Lag[]> {
    const heads = this.#heads.current
    return Promise.all(
      [...this.#lanes.values()].map(async ({ lane: { sink, cursor } }) => {
        const oldest = await readOldestUnsent(this.#sql, cursor, heads)
        const records = [...heads].reduce((sum, [chain, head]) => sum + Math.max(0, head - (cursor[chain] ?? 0)), 0)
        return { sink: sink.name, records, seconds: oldest ? Math.max(0, (Date.now() - oldest.getTime()) / 1000) : 0 }
      }),
    )
  }
}

/** Differs when something that a lane works by does; a test alone changes nothing. */
function fingerprintOf({ test: _test, isPaused: _isPaused, sealed, ...sink }: ForwardedSink): string {
  return JSON.stringify({ ...sink, sealed: sealed && Buffer.from(sealed).toString('base64') })
}
