import type { Link } from '@/lib/audit/chain'
import { checkpointDigest, type SigningKey, signCheckpoint } from '@/lib/audit/checkpoint'
import { type CheckpointSink, fileSink, httpsSink } from '@/lib/audit/checkpoint-sinks'
import { findRetiredKey, openSigningKey } from '@/lib/audit/signing-key'
import type { Chain, SpooledCheckpoint } from './chain'
import type { Log } from './log'
import type { Spool } from './spool'

export interface CheckpointSettings {
  /** The proxy's. */
  readonly name: string
  readonly dataDir: string
  /** PKCS #8 PEM; without it the key is a file in `dataDir`. */
  readonly signingKey?: string | undefined
  /** Where checkpoints are kept outside: a file, and an address that takes POSTs. */
  readonly checkpointFile?: string | undefined
  readonly checkpointUrl?: string | undefined
  readonly checkpointToken?: string | undefined
}

/** A checkpoint follows on so many records, or on so much time in which there was one. */
export interface Rhythm {
  readonly records: number
  readonly everyMs: number
}

// Half of what is promised, since a batch of lines and the signature come between.
const RHYTHM: Rhythm = { records: 500, everyMs: 30_000 }
const LOOK_EVERY_MS = 1_000
/** What waits for a sink that fails; the newest ones cover the records of those that are dropped. */
const MOST_UNPUBLISHED = 1_000
/** How long the last one may take to be kept outside; it is offered again at the next start. */
const LAST_ONE_MS = 300

/**
 * Signs where the chain stands and puts that into the spool, so that it reaches Postgres behind the records it covers; then
 * into the sinks outside.
 */
export class Checkpoints {
  /** Checkpoints that some sink has not kept yet; and those it was never given. */
  readonly counts = { signed: 0, unpublished: 0, dropped: 0 }
  #timer: NodeJS.Timeout | null = null
  #signedAt = 0
  #working: Promise<void> = Promise.resolve()
  #isSigning = false
  readonly #waiting: { sink: CheckpointSink; checkpoint: SpooledCheckpoint }[] = []

  /** @param retired the key that signed this proxy's last checkpoint, when that was another one and is still known */
  constructor(
    private readonly chain: Chain,
    private readonly spool: Spool,
    private readonly proxy: string,
    private readonly key: SigningKey,
    private readonly retired: SigningKey | null,
    private readonly sinks: readonly CheckpointSink[],
    private readonly log: Log,
    private readonly rhythm: Rhythm = RHYTHM,
  ) {}

  start(): void {
    const { checkpoint } = this.chain
    this.#signedAt = Date.now()
    // A sink may have missed the last one of the run before; it takes one twice.
    if (checkpoint) this.#hand(checkpoint)
    if (checkpoint && this.retired) this.#sign({ ...checkpoint }, this.retired, this.key.publicKey)
    this.chain.onCommit = () => this.#look()
    this.chain.onEnd = last => this.#sign(last)
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS)
  }

  /** Signs what is not signed yet, and waits for the sinks a moment. */
  async stop(forMs = LAST_ONE_MS): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    this.chain.onCommit = () => undefined
    if (this.#unsigned > 0) this.#sign(this.chain.head)
    await Promise.race([this.#working, new Promise(resolve => setTimeout(resolve, forMs).unref())])
  }

  /** Records since the last checkpoint. */
  get #unsigned(): number {
    const { chain, sequence } = this.chain.head
    const { checkpoint } = this.chain
    return checkpoint?.chain === chain ? sequence - checkpoint.sequence : sequence
  }

  #look(): void {
    if (this.#isSigning) return
    const count = this.#unsigned
    const isDue = count >= this.rhythm.records || (count > 0 && Date.now() - this.#signedAt >= this.rhythm.everyMs)
    if (isDue) this.#sign(this.chain.head)
    else if (this.#waiting.length > 0) this.#then(() => this.#publish())
  }

  #sign({ chain, sequence, hash }: Link, key: SigningKey = this.key, next_key: string | null = null): void {
    this.#isSigning = true
    this.#then(async () => {
      try {
        const previous = this.chain.checkpoint?.digest ?? null
        const time = new Date().toISOString()
        const signed = signCheckpoint({ proxy: this.proxy, chain, sequence, hash, time, previous, next_key }, key)
        const checkpoint = { digest: checkpointDigest(signed), ...signed }
        await this.spool.append('c', JSON.stringify(checkpoint), { id: '', time: '' })
        this.chain.checkpoint = checkpoint
        this.counts.signed += 1
        this.#hand(checkpoint)
      } finally {
        this.#signedAt = Date.now()
        this.#isSigning = false
      }
    })
    this.#then(() => this.#publish())
  }

  #hand(checkpoint: SpooledCheckpoint): void {
    for (const sink of this.sinks) this.#waiting.push({ sink, checkpoint })
    const over = this.#waiting.length - MOST_UNPUBLISHED
    if (over > 0) this.counts.dropped += this.#waiting.splice(0, over).length
    this.counts.unpublished = this.#waiting.length
  }

  /** Gives each sink what it has not kept, oldest first; one that fails is tried again when the next look comes. */
  async #publish(): Promise<void> {
    const failed = new Set<CheckpointSink>()
    for (const entry of this.#waiting.slice()) {
      const { sink, checkpoint } = entry
      if (failed.has(sink)) continue
      try {
        const { digest: _, ...signed } = checkpoint
        await sink.publish(signed)
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
      } catch (error) {
        failed.add(sink)
        this.log.warn({ error, sink: sink.name }, 'a checkpoint was not kept outside; trying again')
      }
    }
    this.counts.unpublished = this.#waiting.length
  }

  #then(work: () => Promise<void>): void {
    this.#working = this.#working
      .then(work)
      .catch(error => this.log.warn({ error }, 'a checkpoint was not recorded; trying again'))
  }
}

/** The checkpoints of this proxy's chain, with the key and the sinks that the settings name. @throws Error for a bad key */
export function openCheckpoints(settings: CheckpointSettings, chain: Chain, spool: Spool, log: Log): Checkpoints {
  const { name, dataDir, checkpointFile, checkpointUrl, checkpointToken } = settings
  const key = openSigningKey(dataDir, settings.signingKey)
  const before = chain.checkpoint?.key ?? key.publicKey
  const retired = before === key.publicKey ? null : findRetiredKey(dataDir, before)
  if (before !== key.publicKey && !retired)
    log.warn(
      { before, now: key.publicKey },
      'the signing key changed and nothing signed says so: tell whoever verifies',
    )
  const sinks = [
    ...(checkpointFile ? [fileSink(checkpointFile)] : []),
    ...(checkpointUrl ? [httpsSink(checkpointUrl, checkpointToken)] : []),
  ]
  return new Checkpoints(chain, spool, name, key, retired, sinks, log)
}
