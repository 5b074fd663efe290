import type { Link } from '@/lib/audit/chain'
import { type Checkpoint, checkpointDigest, type SigningKey, signCheckpoint } from '@/lib/audit/checkpoint'
import type { Evidence } from '@/lib/audit/outside/evidence'
import { type BucketSettings, type EvidenceSink, openSinks } from '@/lib/audit/outside/sinks'
import { findRetiredKey, openSigningKey } from '@/lib/audit/signing-key'
import { recordTimestamps } from '@/lib/audit/store'
import type { CheckpointTimestamp } from '@/lib/audit/timestamp/model'
import { stampCheckpoint } from '@/lib/audit/timestamp/request'
import type { Sql } from '@/lib/db/sql'
import type { Chain, SpooledCheckpoint } from './chain'
import type { Log } from './log'
import { type Named, Others } from './outside/others'
import { SinkQueue, type SinkState } from './outside/sink-queue'
import { Stamper, type StamperState } from './outside/stamper'
import type { Spool } from './spool'

export interface CheckpointSettings {
  /** The proxy's. */
  readonly name: string
  readonly dataDir: string
  /** PKCS #8 PEM; without it the key is a file in `dataDir`. */
  readonly signingKey?: string | undefined
  /** Where checkpoints are kept outside: a file, an address that takes POSTs, a bucket. */
  readonly checkpointFile?: string | undefined
  readonly checkpointUrl?: string | undefined
  readonly checkpointToken?: string | undefined
  readonly checkpointBucket?: BucketSettings | undefined
  /** An authority that stamps them (RFC 3161). */
  readonly timestampUrl?: string | undefined
}

/** How far this proxy's chain is signed and kept outside, for the heartbeat. */
export interface CheckpointState {
  readonly chain: string
  readonly sequence: number
  /** Of the newest checkpoint; null before the first. */
  readonly checkpoint: { readonly sequence: number; readonly time: string; readonly key: string } | null
  /** Records since. */
  readonly unsigned: number
  readonly sinks: readonly SinkState[]
  readonly stamps: StamperState | null
}

/** What is around a chain: other proxies, and places outside. */
export interface Around {
  /** What the next checkpoint names; without Postgres nobody. */
  readonly others?: Pick<Others, 'start' | 'take' | 'stop'> | undefined
  readonly sinks: readonly EvidenceSink[]
  /** Where time-stamps are kept beside the record. */
  readonly stamps?: EvidenceSink | undefined
  readonly stamp?: ((checkpoint: Checkpoint) => Promise<CheckpointTimestamp>) | undefined
}

/** A checkpoint follows on so many records, or on so much time in which there was one. */
export interface Rhythm {
  readonly records: number
  readonly everyMs: number
}

// Half of what is promised, since a batch of lines and the signature come between.
const RHYTHM: Rhythm = { records: 500, everyMs: 30_000 }
const LOOK_EVERY_MS = 1_000
const MOST_ENDS = 100
/** How long the last one may take to be kept outside; it is offered again at the next start. */
const LAST_ONE_MS = 300

/**
 * Signs where the chain stands and puts that into the spool, so that it reaches Postgres behind the records it covers; then
 * into the sinks outside.
 */
export class Checkpoints {
  #timer: NodeJS.Timeout | null = null
  /** By the clock that nobody sets (performance.now). */
  #signedAt = 0
  #working: Promise<void> = Promise.resolve()
  #isSigning = false
  /** Where chains ended that nothing signed says so of yet: what ended them, a disk or Postgres, may still be away. */
  readonly #ends: Link[] = []
  readonly #outside: readonly SinkQueue[]
  readonly #beside: SinkQueue | null
  readonly #stamper: Stamper | null

  /** @param retired the key that signed this proxy's last checkpoint, when that was another one and is still known */
  constructor(
    private readonly chain: Chain,
    private readonly spool: Pick<Spool, 'append'>,
    private readonly proxy: string,
    private readonly key: SigningKey,
    private readonly retired: SigningKey | null,
    private readonly around: Around,
    private readonly log: Log,
    private readonly rhythm: Rhythm = RHYTHM,
  ) {
    this.#outside = around.sinks.map(sink => new SinkQueue(sink, log))
    this.#beside = around.stamps ? new SinkQueue(around.stamps, log) : null
    const keep = (timestamp: CheckpointTimestamp) => this.#publish({ kind: 'timestamp', timestamp })
    this.#stamper = around.stamp ? new Stamper(around.stamp, keep, log) : null
  }

  /** Evidence that some place outside has not kept yet; and what it was never given. */
  get counts(): { unpublished: number; dropped: number } {
    const states = this.#outside.map(({ state }) => state)
    const sum = (of: (state: SinkState) => number) => states.reduce((total, state) => total + of(state), 0)
    return { unpublished: sum(state => state.waiting), dropped: sum(state => state.dropped) }
  }

  get state(): CheckpointState {
    const { chain, sequence } = this.chain.head
    const newest = this.chain.checkpoint
    return {
      chain,
      sequence,
      checkpoint: newest && { sequence: newest.sequence, time: newest.time, key: newest.key },
      unsigned: this.#unsigned,
      sinks: this.#outside.map(({ state }) => state),
      stamps: this.#stamper?.state ?? null,
    }
  }

  start(): void {
    const { checkpoint } = this.chain
    void this.around.others?.start()
    this.#signedAt = performance.now()
    // A sink may have missed the last one of the run before; it takes one twice.
    if (checkpoint) this.#hand(checkpoint)
    if (checkpoint && this.retired) this.#sign({ ...checkpoint }, this.retired, this.key.publicKey)
    this.chain.onCommit = () => this.#look()
    this.chain.onEnd = last => {
      if (this.#ends.length < MOST_ENDS) this.#ends.push(last)
      this.#look()
    }
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS)
  }

  /** Signs what is not signed yet, and waits for the sinks a moment. */
  async stop(forMs = LAST_ONE_MS): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    this.around.others?.stop()
    this.chain.onCommit = () => undefined
    for (const end of this.#ends) this.#sign(end)
    if (this.#unsigned > 0) this.#sign(this.chain.head)
    const last = this.#working.then(() => Promise.all(this.#outside.map(queue => queue.stop())))
    await Promise.race([last, new Promise(resolve => setTimeout(resolve, forMs).unref())])
  }

  /** Records since the last checkpoint. */
  get #unsigned(): number {
    const { chain, sequence } = this.chain.head
    const { checkpoint } = this.chain
    return checkpoint?.chain === chain ? sequence - checkpoint.sequence : sequence
  }

  #look(): void {
    if (this.#isSigning) return
    if (this.#ends[0]) this.#sign(this.#ends[0])
    const count = this.#unsigned
    const isDue =
      count >= this.rhythm.records || (count > 0 && performance.now() - this.#signedAt >= this.rhythm.everyMs)
    if (isDue) this.#sign(this.chain.head)
    this.#stamper?.look()
  }

  #sign({ chain, sequence, hash }: Link, key: SigningKey = this.key, next_key: string | null = null): void {
    this.#isSigning = true
    this.#then(async () => {
      try {
        const previous = this.chain.checkpoint?.digest ?? null
        const time = new Date().toISOString()
        const named: Named = this.around.others?.take() ?? { seen: [], statement: null }
        const statement = { proxy: this.proxy, chain, sequence, hash, time, previous, next_key, ...named }
        const signed = signCheckpoint(statement, key)
        const checkpoint = { digest: checkpointDigest(signed), ...signed }
        await this.spool.append('c', JSON.stringify(checkpoint), { id: '', time: '' })
        this.chain.checkpoint = checkpoint
        if (this.#ends[0]?.chain === chain) this.#ends.shift()
        this.#hand(checkpoint)
      } finally {
        this.#signedAt = performance.now()
        this.#isSigning = false
      }
    })
  }

  #hand(spooled: SpooledCheckpoint): void {
    const { digest: _, ...checkpoint } = spooled
    this.#publish({ kind: 'checkpoint', checkpoint })
    this.#stamper?.hand(checkpoint)
  }

  #publish(evidence: Evidence): void {
    for (const queue of this.#outside) queue.hand(evidence)
    if (evidence.kind === 'timestamp') this.#beside?.hand(evidence)
  }

  #then(work: () => Promise<void>): void {
    this.#working = this.#working
      .then(work)
      .catch(error => this.log.warn({ error }, 'a checkpoint was not recorded; trying again'))
  }
}

/**
 * The checkpoints of this proxy's chain, with the key and the places that the settings name.
 * @param sql Postgres, where the checkpoints of others are found @throws Error for a bad key
 */
export function openCheckpoints(
  settings: CheckpointSettings,
  chain: Chain,
  spool: Pick<Spool, 'append'>,
  log: Log,
  sql: Sql | null = null,
): Checkpoints {
  const { name, dataDir, timestampUrl } = settings
  const key = openSigningKey(dataDir, settings.signingKey)
  const before = chain.checkpoint?.key ?? key.publicKey
  const retired = before === key.publicKey ? null : findRetiredKey(dataDir, before)
  if (before !== key.publicKey && !retired)
    log.warn(
      { before, now: key.publicKey },
      'the signing key changed and nothing signed says so: tell whoever verifies',
    )
  const around: Around = {
    others: sql ? new Others(sql, name) : undefined,
    sinks: openSinks({
      file: settings.checkpointFile,
      url: settings.checkpointUrl,
      token: settings.checkpointToken,
      bucket: settings.checkpointBucket,
    }),
    stamp: timestampUrl === undefined ? undefined : checkpoint => stampCheckpoint(timestampUrl, checkpoint),
    stamps: sql ? besideRecord(sql) : undefined,
  }
  return new Checkpoints(chain, spool, name, key, retired, around, log)
}

function besideRecord(sql: Sql): EvidenceSink {
  return {
    name: 'Postgres',
    async publish(evidence) {
      if (evidence.kind === 'timestamp') await recordTimestamps(sql, [evidence.timestamp])
    },
  }
}
