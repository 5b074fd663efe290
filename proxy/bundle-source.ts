import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { readServersForProxies } from '@/lib/catalogue/store'
import { sqlOver } from '@/lib/db/sql'
import { readDirectory } from '@/lib/identity/store'
import { readBundle, readEnforcementVersion } from '@/lib/policy-store/store'
import { buildEnforcement, type CompileCache, type Enforcement, type EnforcementParts } from './enforcement'
import { type LastKnownGood, thisMoment } from './last-known-good'
import type { Log } from './log'

const POLL_MS = 1_000
const RECONNECT_MS = 1_000
const CATCH_UP_MS = 250
const CHANNEL = 'intercept_enforcement'
/** How long a start waits for Postgres before it looks at the disk. */
const FIRST_READ_MS = 2_500

/**
 * Keeps the enforcement of this proxy at what was published last. A notification wakes it within milliseconds; a poll of
 * the version stands behind it. While Postgres is away, the last known good one stays in force until it is too old.
 */
export class BundleSource {
  activatedAt: Date | null = null
  #active: Enforcement | null = null
  readonly #cache: CompileCache = new Map()
  readonly #listeners: ((enforcement: Enforcement) => void)[] = []
  #loading: Promise<void> | null = null
  #isStale = false
  #isStopped = false
  #isAway = false
  #wasTooOld = false
  /** By the clock that nobody sets (performance.now). */
  #caughtUpAt = 0
  #nextLook: Promise<void> | null = null
  #poll: NodeJS.Timeout | null = null
  #listener: pg.Client | null = null
  #reconnect: NodeJS.Timeout | null = null

  constructor(
    private readonly pool: pg.Pool,
    private readonly url: string,
    private readonly log: Log,
    private readonly lastKnownGood: LastKnownGood,
  ) {}

  /** null until the first activation, and while what is active is too old: nothing can be decided then. */
  get current(): Enforcement | null {
    return this.lastKnownGood.isTooOld ? null : this.#active
  }

  /** Why nothing can be decided; null when it can. */
  get problem(): string | null {
    if (!this.#active) return 'no bundle was activated yet'
    return this.current ? null : 'Postgres has not confirmed the bundle for longer than BUNDLE_MAX_AGE allows'
  }

  /** Called after each activation. */
  onActivate(listener: (enforcement: Enforcement) => void): void {
    this.#listeners.push(listener)
  }

  /** Tries a first activation, then keeps following whether it succeeded or not. */
  async start(): Promise<void> {
    await Promise.race([this.refresh(), sleep(FIRST_READ_MS, undefined, { ref: false })])
    const kept = this.#active ? null : await this.lastKnownGood.recover()
    if (kept) this.#activate(buildEnforcement(kept, this.#cache))
    void this.#listen()
    this.#schedulePoll()
  }

  /** Reads again; calls made while a read runs are served by one more. */
  refresh(): Promise<void> {
    this.#isStale = true
    this.#loading ??= this.#loadWhileStale().finally(() => {
      this.#loading = null
    })
    return this.#loading
  }

  /**
   * Looks for a newer version now, since somebody came with what this proxy does not know: a key that was issued a moment
   * ago must work. At most four times a second, whoever asks; those who come in between wait for the next look.
   */
  catchUp(): Promise<void> {
    const waitMs = Math.max(0, this.#caughtUpAt + CATCH_UP_MS - performance.now())
    this.#nextLook ??= sleep(waitMs).then(() => {
      this.#caughtUpAt = performance.now()
      this.#nextLook = null
      return this.#followVersion()
    })
    return this.#nextLook
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#poll) clearTimeout(this.#poll)
    if (this.#reconnect) clearTimeout(this.#reconnect)
    const listener = this.#listener
    this.#listener = null
    await listener?.end().catch(() => undefined)
    await this.lastKnownGood.close()
  }

  async #loadWhileStale(): Promise<void> {
    while (this.#isStale && !this.#isStopped) {
      this.#isStale = false
      try {
        const asked = thisMoment()
        const parts = await this.#read()
        const next = buildEnforcement(parts, this.#cache)
        this.lastKnownGood.confirm(asked, parts)
        this.#activate(next)
        this.#setAway(false)
      } catch (error) {
        this.#setAway(true, error)
        return
      }
    }
  }

  #activate(next: Enforcement): void {
    const isNews = !this.#active || this.#active.revision !== next.revision
    this.#active = next
    this.activatedAt = new Date()
    if (isNews)
      this.log.info(
        { revision: next.revision },
        next.revision === null ? 'nothing is published yet: every call is denied' : 'a bundle is in force',
      )
    for (const listener of this.#listeners) listener(next)
  }

  /** Everything of one moment: one transaction that sees one snapshot. */
  async #read(): Promise<EnforcementParts> {
    const client = await this.pool.connect()
    try {
      const sql = sqlOver(client)
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      const version = await readEnforcementVersion(sql)
      const bundle = await readBundle(sql)
      const directory = await readDirectory(sql)
      const servers = await readServersForProxies(sql)
      await client.query('COMMIT')
      client.release()
      return { version, bundle, directory, servers }
    } catch (error) {
      client.release(error as Error)
      throw error
    }
  }

  #schedulePoll(): void {
    if (this.#isStopped) return
    this.#poll = setTimeout(async () => {
      await this.#followVersion()
      this.#schedulePoll()
    }, POLL_MS)
  }

  /** Never rejects. */
  async #followVersion(): Promise<void> {
    try {
      const asked = thisMoment()
      const version = await readEnforcementVersion(sqlOver(this.pool))
      // What came from disk is read anew, whatever its number.
      if (version !== this.#active?.version || !this.lastKnownGood.isRead) return await this.refresh()
      this.lastKnownGood.confirm(asked)
      this.#setAway(false)
    } catch (error) {
      this.#setAway(true, error)
    }
  }

  /** A connection of its own, since a pool's are handed around. What was missed while it was down, a refresh makes good. */
  async #listen(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, connectionTimeoutMillis: 2_000, keepAlive: true })
    const again = () => {
      if (this.#isStopped || this.#listener !== client) return
      this.#listener = null
      client.end().catch(() => undefined)
      this.#reconnect = setTimeout(() => void this.#listen(), RECONNECT_MS)
    }
    this.#listener = client
    client.on('error', again)
    client.on('end', again)
    client.on('notification', () => void this.refresh())
    try {
      await client.connect()
      await client.query(`LISTEN ${CHANNEL}`)
      await this.refresh()
    } catch {
      again()
    }
  }

  #setAway(isAway: boolean, error?: unknown): void {
    this.#noteAge()
    if (isAway === this.#isAway) return
    this.#isAway = isAway
    if (isAway)
      this.log.warn(
        { error, revision: this.#active?.revision },
        'Postgres is out of reach; the last known good stays in force',
      )
    else this.log.info('Postgres is back')
  }

  #noteAge(): void {
    const { isTooOld } = this.lastKnownGood
    if (isTooOld && !this.#wasTooOld) this.log.error('every call is denied: the bundle is older than BUNDLE_MAX_AGE')
    this.#wasTooOld = isTooOld
  }
}
