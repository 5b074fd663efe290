import { canonicalRecord, genesis, linkHash, sha256 } from '../chain'
import { decisionIn, type Findings } from './findings'
import type { LinkInput } from './model'
import type { DroppedLinks, Span } from './retention'
import { diagnose, type Suspect } from './suspects'

const MOST_SUSPECTS = 10_000
const MOST_GAPS = 100_000

/**
 * Walks one chain in the order in which its records come, usually their own. Holds no more than its gaps and what is
 * suspect, so that a chain of any length can be verified.
 */
export class ChainWalk {
  first = 0
  last = 0
  records = 0
  /** Records that are not here since retention dropped them; known at the end. */
  dropped = 0
  proxy: string | null = null
  /** Places without a record, first and last. */
  readonly #gaps: Span[] = []
  /** Hashes whose next record has not come, by number; and the records behind gaps, which wait for a hash. */
  readonly #ends = new Map<number, string>()
  readonly #waiting = new Map<number, LinkInput>()
  readonly #suspects: Suspect[] = []
  readonly #found = new Map<number, string>()
  #lastHash = ''

  /**
   * @param wanted numbers whose hash is asked for afterwards: those of checkpoints
   * @param before hash of the link before the first record, when an export begins later
   * @param retention what was dropped of this chain
   */
  constructor(
    readonly chain: string,
    private readonly wanted: ReadonlySet<number>,
    private readonly findings: Findings,
    private readonly before: { sequence: number; hash: string } | null,
    private readonly retention: DroppedLinks,
  ) {}

  add(link: LinkInput): void {
    const start = this.before?.sequence ?? 0
    if (link.sequence <= start)
      throw new Error(`Chain ${this.chain} has a record numbered ${link.sequence}, before its start.`)
    this.records += 1
    if (this.proxy === null && link.kind === 'decision' && link.record !== null)
      this.proxy = /"proxy"\s*:\s*"([^"\\]+)"/.exec(link.record)?.[1] ?? null
    if (this.first === 0) this.#begin(link)
    else if (link.sequence === this.last + 1) this.#check(link, this.#lastHash)
    else if (link.sequence > this.last) this.#skip(link)
    else {
      this.#addLate(link)
      return
    }
    this.#keep(link)
    this.last = link.sequence
    this.#lastHash = link.hash
  }

  /** Records whose predecessor is not here. */
  get unchecked(): number {
    return this.#waiting.size
  }

  /** Hash of a wanted number; undefined when no record has it. */
  hashAt(sequence: number): string | undefined {
    return this.#found.get(sequence)
  }

  /** Reports what is missing and what was done to the suspects. @param isWhole whether every record should be there */
  finish(isWhole: boolean): void {
    for (const gap of this.#gaps) this.#reportGap(gap, isWhole)
    diagnose(this.#suspects, this.findings)
  }

  #begin(link: LinkInput): void {
    const { sequence, hash } = this.before ?? { sequence: 0, hash: genesis(this.chain) }
    this.first = link.sequence
    this.last = sequence
    this.#lastHash = hash
    if (link.sequence === sequence + 1) this.#check(link, hash)
    else this.#skip(link)
  }

  #skip(link: LinkInput): void {
    if (this.#gaps.length >= MOST_GAPS) throw new Error(`Chain ${this.chain} has more than ${MOST_GAPS} gaps.`)
    this.#gaps.push({ from: this.last + 1, to: link.sequence - 1 })
    this.#ends.set(this.last, this.#lastHash)
    const previous = this.retention.hashAt(link.sequence - 1)
    if (previous === undefined) this.#waiting.set(link.sequence, link)
    else this.#check(link, previous)
  }

  /** A record whose number is behind: it fills a gap, or is one too many. */
  #addLate(link: LinkInput): void {
    const decision = decisionIn(link.record)
    const place = { chain: this.chain, sequence: link.sequence, decision }
    const index = this.#gaps.findIndex(({ from, to }) => link.sequence >= from && link.sequence <= to)
    const gap = this.#gaps[index]
    if (!gap) {
      this.findings.add({ ...place, kind: 'inserted', message: 'Two records have this number.' })
      return
    }
    this.findings.add({ ...place, kind: 'reordered', message: `It stands behind number ${this.last}.` })
    const rest = [
      { from: gap.from, to: link.sequence - 1 },
      { from: link.sequence + 1, to: gap.to },
    ].filter(({ from, to }) => from <= to)
    this.#gaps.splice(index, 1, ...rest)
    this.first = Math.min(this.first, link.sequence)
    this.#fill(link)
  }

  #fill(link: LinkInput): void {
    const previous = link.sequence === 1 ? genesis(this.chain) : this.#ends.get(link.sequence - 1)
    this.#ends.delete(link.sequence - 1)
    if (previous === undefined) this.#waiting.set(link.sequence, link)
    else this.#check(link, previous)
    const next = this.#waiting.get(link.sequence + 1)
    this.#waiting.delete(link.sequence + 1)
    if (next) this.#check(next, link.hash)
    else this.#ends.set(link.sequence, link.hash)
    this.#keep(link)
  }

  #keep(link: LinkInput): void {
    if (this.wanted.has(link.sequence)) this.#found.set(link.sequence, link.hash)
  }

  #check(given: LinkInput, previous: string): void {
    if (fits(given, previous)) return
    // A file that another program wrote again holds the same records in another spelling.
    const link = canonical(given)
    if (link !== given && fits(link, previous)) return
    if (this.#suspects.length < MOST_SUSPECTS) this.#suspects.push({ link, previous })
    else
      this.findings.add({
        kind: 'edited',
        chain: this.chain,
        sequence: link.sequence,
        decision: null,
        message: 'The record does not give its hash.',
      })
  }

  #reportGap(gap: Span, isWhole: boolean): void {
    let missing = 0
    for (const { from, to } of this.retention.uncovered(gap)) {
      const count = to - from + 1
      missing += count
      const message = count === 1 ? 'This record is missing.' : `${count} records are missing, up to number ${to}.`
      if (isWhole)
        this.findings.add({ kind: 'missing', chain: this.chain, sequence: from, decision: null, message }, count)
    }
    this.dropped += gap.to - gap.from + 1 - missing
  }
}

function fits({ sequence, kind, digest, hash }: LinkInput, previous: string): boolean {
  return linkHash(previous, sequence, kind, digest) === hash
}

function canonical(link: LinkInput): LinkInput {
  if (link.record === null) return link
  try {
    const record = canonicalRecord(link.record)
    return { ...link, record, digest: sha256(record) }
  } catch {
    return link
  }
}
