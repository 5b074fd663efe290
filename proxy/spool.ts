import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { uuidTime } from '@/lib/db/uuid'
import { type Chain, PLACE_BYTES } from './chain'
import { GroupCommit } from './group-commit'
import { encodeLines, type LineKind, lineBytes, type SpooledAbout } from './spool-line'
import { lockSpool } from './spool-lock'
import { SpoolReserve } from './spool-reserve'
import { type Segment, SegmentWriter, segmentFile, segmentNumbers, trimSegment } from './spool-segment'
import { SpoolShares } from './spool-shares'

export interface SpoolOptions {
  /** Made when missing, 0700. */
  readonly directory: string
  /** `fsync`: an append resolves after fdatasync. `append`: after write, which a power cut does not survive. */
  readonly durability: 'fsync' | 'append'
  /** Decisions are refused past it; outcomes may go a little further, since their calls have been made. */
  readonly maxBytes: number
  readonly segmentBytes?: number
  /** Part of `maxBytes` that the decisions of one identity may take; a tenth unless given. */
  readonly identityShare?: number
  /** Gives each record its place in the proxy's hash chain. */
  readonly chain?: Chain
}

/** Room that only outcomes and notes may use once `maxBytes` is reached. */
const RESERVE_BYTES = 64 * 1024 * 1024
const SEGMENT_BYTES = 16 * 1024 * 1024
const SEGMENTS = 40
const IDENTITY_SHARE = 0.1

interface Waiting {
  readonly kind: LineKind
  readonly text: string
  readonly digest: string | undefined
  readonly decision: SpooledAbout
  /** That grew when it was appended. */
  readonly segment: number
  /** Taken from the spool's room when it was appended. */
  readonly reserved: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/**
 * The record's first place: an append-only log on this machine's disk, in segments. What `append` resolved survives
 * kill -9. What is decided in one turn of the loop, or while a write or sync runs, goes together in the next one (group
 * commit), with the outcomes that wait.
 */
export class Spool {
  /** Oldest first; the last one may be growing. */
  readonly segments: Segment[] = []
  /** Decisions whose outcome is not spooled yet, and the segment that says so. */
  readonly open = new Map<string, number>()
  /** Called when more is durable. */
  onDurable: () => void = () => undefined
  readonly shares: SpoolShares
  readonly #options: SpoolOptions & { readonly segmentBytes: number }
  readonly #unlock: () => void
  #writer: SegmentWriter | null = null
  readonly #lines = new GroupCommit<Waiting>(batch => this.#commit(batch))
  #bytes = 0
  #nextNumber = 1
  readonly #reserve: SpoolReserve
  /** Room is being made on a full disk: decisions must not take it. */
  #isMakingRoom = false

  /** Takes the folder and lists what an earlier run left. @throws Error when another process holds it */
  constructor(options: SpoolOptions) {
    // Only whole segments are given back, so that a full spool, or an identity's share of it, empties again: several must fit.
    this.#options = { segmentBytes: Math.min(SEGMENT_BYTES, Math.floor(options.maxBytes / SEGMENTS)), ...options }
    this.shares = new SpoolShares(options.maxBytes * (options.identityShare ?? IDENTITY_SHARE))
    const { directory } = options
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    chmodSync(directory, 0o700)
    this.#unlock = lockSpool(directory)
    for (const number of segmentNumbers(readdirSync(directory))) {
      const file = segmentFile(directory, number)
      const durableBytes = trimSegment(file)
      this.segments.push({ number, file, durableBytes, isSealed: true })
      this.#bytes += durableBytes
      this.#nextNumber = number + 1
    }
    this.#reserve = new SpoolReserve(directory)
  }

  /** Of the segment that grows, or will. */
  get #segmentNumber(): number {
    return this.#writer?.segment.number ?? this.#nextNumber
  }

  /** Whether the decisions of an identity take more than its share: then it is refused, until they are shipped. */
  isOverShare(identityId: string): boolean {
    return this.shares.isOver(identityId)
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Resolves when the line is durable.
   * @param text one line of JSON that begins with the decision's id and time
   * @param digest SHA-256 of the canonical record, where it is known already
   * @throws Error when the spool is full or its disk fails: then nothing may be forwarded on the strength of this line
   */
  append(kind: LineKind, text: string, decision: SpooledAbout, digest?: string): Promise<void> {
    const reserved = lineBytes(text) + (this.#options.chain ? PLACE_BYTES : 0)
    const isDecision = kind === 'a' || kind === 'd'
    if (isDecision && this.#isMakingRoom) return Promise.reject(new Error('The disk of the spool is full.'))
    const room = this.#options.maxBytes + (isDecision ? 0 : RESERVE_BYTES)
    if (this.#bytes + reserved > room)
      return Promise.reject(new Error(`The spool is full (${this.#bytes} bytes wait for Postgres).`))
    this.#bytes += reserved
    const segment = this.#segmentNumber
    if (decision.identityId) this.shares.take(segment, decision.identityId, reserved)
    return new Promise((resolve, reject) => {
      this.#lines.add({ kind, text, digest, decision, segment, reserved, resolve, reject })
    })
  }

  /**
   * Removes a shipped segment. Decisions in it that still wait for an outcome are noted again first, on a full disk in the
   * room that is kept for this.
   * @throws Error when the disk fails: the segment is still there then
   */
  async release(segment: Segment): Promise<void> {
    try {
      await this.#noteOpen(segment)
    } catch {
      this.#isMakingRoom = true
      try {
        await this.#lines.settled()
        this.#reserve.give()
        await this.#noteOpen(segment)
      } finally {
        this.#isMakingRoom = false
      }
    }
    rmSync(segment.file, { force: true })
    this.segments.splice(this.segments.indexOf(segment), 1)
    this.#bytes -= segment.durableBytes
    this.shares.release(segment.number)
    this.#reserve.hold()
  }

  async #noteOpen(segment: Segment): Promise<void> {
    for (const [id, number] of this.open) {
      if (number !== segment.number) continue
      const time = new Date(uuidTime(id) ?? 0).toISOString()
      await this.append('p', `{"decision_id":"${id}","decision_time":"${time}"}`, { id, time })
    }
    this.#options.chain?.save()
  }

  /** Writes what waits, outcomes too. Never rejects: who appended is told. */
  flush(): Promise<void> {
    return this.#lines.flush()
  }

  /** Writes what waits, then gives the folder back. */
  async close(): Promise<void> {
    await this.flush()
    this.#writer?.seal()
    this.#writer = null
    try {
      this.#options.chain?.save()
    } catch {
      // What is left in the segments says where the chain ended.
    }
    this.#unlock()
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const bytes = this.#encode(batch)
    this.#bytes += bytes.length - batch.reduce((sum, { reserved }) => sum + reserved, 0)
    try {
      const segment = await this.#write(bytes)
      this.#options.chain?.commit()
      for (const waiting of batch) {
        this.#track(waiting, segment)
        waiting.resolve()
      }
      this.onDurable()
    } catch (error) {
      this.#bytes -= bytes.length
      this.#options.chain?.abandon()
      for (const { decision, segment, reserved, reject } of batch) {
        if (decision.identityId) this.shares.giveBack(segment, decision.identityId, reserved)
        reject(error as Error)
      }
    }
  }

  #track({ kind, decision: { id } }: Waiting, segment: number): void {
    if (kind === 'o') this.open.delete(id)
    else if (kind === 'a' || (kind === 'p' && this.open.has(id))) this.open.set(id, segment)
  }

  #encode(batch: readonly Waiting[]): Buffer {
    const { chain } = this.#options
    return encodeLines(
      batch.map(({ kind, text, digest }) => ({ kind, text, tail: chain?.tail(kind, text, digest) ?? '' })),
    )
  }

  async #write(bytes: Buffer): Promise<number> {
    const { directory, durability, segmentBytes } = this.#options
    if (this.#writer && this.#writer.segment.durableBytes >= segmentBytes) {
      this.#writer.seal()
      this.#writer = null
    }
    if (!this.#writer) {
      this.#writer = new SegmentWriter(directory, this.#nextNumber++, durability === 'fsync', segmentBytes)
      this.segments.push(this.#writer.segment)
    }
    try {
      await this.#writer.write(bytes)
      return this.#writer.segment.number
    } catch (error) {
      if (this.#writer.segment.durableBytes === 0) this.segments.pop()
      this.#writer = null
      throw error
    }
  }
}
