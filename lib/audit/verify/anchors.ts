import { type Checkpoint, checkpointDigest, isSigned } from '../checkpoint'
import type { ChainWalk } from './chain-walk'
import type { Findings } from './findings'
import type { ChainReport } from './model'
import type { Retention } from './retention'

export interface GivenCheckpoints {
  /** Kept outside: what the record is held against. */
  readonly outside: readonly Checkpoint[]
  /** From beside the record, which an intruder may have removed but cannot sign. */
  readonly inside: readonly Checkpoint[]
  /** Public keys that are trusted; with none, the key of each proxy's first outside checkpoint is. */
  readonly keys: readonly string[]
}

interface Known {
  readonly checkpoint: Checkpoint
  readonly isOutside: boolean
}

/** Checkpoints that a trusted key signed, in the order of their time. */
export class Anchors {
  readonly known: readonly Known[]
  readonly notes: string[] = []

  constructor(given: GivenCheckpoints, findings: Findings) {
    const unique = new Map<string, Known>()
    for (const checkpoint of given.inside) unique.set(checkpointDigest(checkpoint), { checkpoint, isOutside: false })
    for (const checkpoint of given.outside) unique.set(checkpointDigest(checkpoint), { checkpoint, isOutside: true })
    const inOrder = [...unique.values()].sort((a, b) => compare(a.checkpoint, b.checkpoint))
    const trusted = new Set(given.keys.length > 0 ? given.keys : this.#firstKeys(inOrder))
    this.known = inOrder.filter(({ checkpoint }) => {
      const problem = problemOf(checkpoint, trusted)
      if (problem) findings.add({ ...placeOf(checkpoint), kind: 'forged_checkpoint', message: problem })
      else if (checkpoint.next_key) trusted.add(checkpoint.next_key)
      return problem === null
    })
    this.#noteBreaks(unique)
    if (given.outside.length === 0)
      this.notes.push('No checkpoint from outside was given: a cut-off end or a chain written anew cannot be told.')
  }

  /** The numbers of a chain whose hash will be asked for. */
  wantedOf(chain: string): ReadonlySet<number> {
    return new Set(this.known.flatMap(({ checkpoint: each }) => (each.chain === chain ? [each.sequence] : [])))
  }

  /** Without a key, the first signature that was kept outside is believed, and said to be. */
  #firstKeys(inOrder: readonly Known[]): string[] {
    const source = inOrder.some(({ isOutside }) => isOutside) ? inOrder.filter(({ isOutside }) => isOutside) : inOrder
    const keys = new Map<string, string>()
    for (const { checkpoint } of source) if (!keys.has(checkpoint.proxy)) keys.set(checkpoint.proxy, checkpoint.key)
    if (keys.size > 0)
      this.notes.push('No public key was given: the key of the first checkpoint is believed. Give --key to be sure.')
    return [...keys.values()]
  }

  #noteBreaks(unique: ReadonlyMap<string, Known>): void {
    const broken = this.known.filter(({ checkpoint: { previous } }) => previous !== null && !unique.has(previous))
    const breaks =
      broken.length -
      new Set(broken.filter(({ checkpoint }) => this.#isFirst(checkpoint)).map(k => k.checkpoint.proxy)).size
    if (breaks > 0)
      this.notes.push(`${breaks} checkpoints follow on one that is not here; the others cover the same records.`)
  }

  #isFirst(checkpoint: Checkpoint): boolean {
    return this.known.find(each => each.checkpoint.proxy === checkpoint.proxy)?.checkpoint === checkpoint
  }
}

/** Holds one chain against the checkpoints that speak of it. @param mayEnd a number at which a part of it ends rightly */
export function anchorChain(
  walk: ChainWalk,
  anchors: Anchors,
  retention: Retention,
  findings: Findings,
  mayEnd: number | null,
): ChainReport {
  const end = retention.endOf(walk.chain, walk.last)
  let anchoredTo = 0
  let signedTo = 0
  let isReplaced = false
  let beyond: Checkpoint | null = null
  for (const { checkpoint, isOutside } of anchors.known) {
    if (checkpoint.chain !== walk.chain) continue
    if (checkpoint.sequence > end) {
      beyond = checkpoint
      continue
    }
    const hash = walk.hashAt(checkpoint.sequence) ?? retention.hashAt(walk.chain, checkpoint.sequence)
    if (hash === checkpoint.hash) {
      signedTo = checkpoint.sequence
      if (isOutside) anchoredTo = checkpoint.sequence
    } else if (hash !== undefined && !isReplaced && !findings.hasWithin(walk.chain, signedTo, checkpoint.sequence)) {
      isReplaced = true
      const message = `The chain was written anew between number ${signedTo + 1} and ${checkpoint.sequence}: it is not the one that was signed on ${checkpoint.time}.`
      findings.add({ ...placeOf(checkpoint), kind: 'replaced', sequence: signedTo + 1, message })
    }
  }
  if (beyond && (mayEnd === null || end < mayEnd)) reportCutEnd(walk.chain, end, beyond, findings)
  const { chain, proxy, first, last, records } = walk
  const notAnchored = Math.max(0, last - Math.max(anchoredTo, first - 1))
  const dropped = walk.dropped + end - last
  return { chain, proxy, first, last, records, anchoredTo, signedTo, notAnchored, dropped, stampedTo: null }
}

function reportCutEnd(chain: string, last: number, checkpoint: Checkpoint, findings: Findings): void {
  // A part that says where it should end has been found cut already.
  if (findings.hasWithin(chain, last, last + 1)) return
  const { sequence, time } = checkpoint
  const message = `The checkpoint of ${time} speaks of number ${sequence}; the record ends at ${last}.`
  findings.add({ ...placeOf(checkpoint), kind: 'truncated', sequence: last + 1, message }, sequence - last)
}

/** Chains that a checkpoint speaks of and no record is left of. */
export function reportLostChains(
  walks: ReadonlyMap<string, ChainWalk>,
  anchors: Anchors,
  retention: Retention,
  findings: Findings,
): void {
  const lost = new Map<string, Checkpoint>()
  for (const { checkpoint } of anchors.known) if (!walks.has(checkpoint.chain)) lost.set(checkpoint.chain, checkpoint)
  const signed = new Set(anchors.known.map(({ checkpoint }) => checkpoint.chain))
  for (const checkpoint of lost.values()) {
    const missing = retention.uncovered(checkpoint.chain, { from: 1, to: checkpoint.sequence })
    const [first] = missing
    if (!first) continue
    const substitute = [...walks.values()].find(({ proxy, chain }) => proxy === checkpoint.proxy && !signed.has(chain))
    const gone = `Nothing is left of the ${checkpoint.sequence} records that ${checkpoint.proxy} signed on ${checkpoint.time}`
    findings.add(
      {
        ...placeOf(checkpoint),
        sequence: first.from,
        kind: substitute ? 'replaced' : 'truncated',
        message: substitute ? `${gone}; chain ${substitute.chain}, which nobody signed, is in its place.` : `${gone}.`,
      },
      missing.reduce((sum, { from, to }) => sum + to - from + 1, 0),
    )
  }
}

function problemOf(checkpoint: Checkpoint, trusted: ReadonlySet<string>): string | null {
  if (!isSigned(checkpoint)) return `The signature of the checkpoint of ${checkpoint.time} is wrong.`
  if (trusted.has(checkpoint.key)) return null
  return `The checkpoint of ${checkpoint.time} is signed by ${checkpoint.key}, which no trusted key names.`
}

function placeOf({ chain, sequence }: Checkpoint): { chain: string; sequence: number; decision: null } {
  return { chain, sequence, decision: null }
}

/** By time; of one moment, an announcement of a key comes before what that key signed. */
function compare(a: Checkpoint, b: Checkpoint): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1
  if (a.sequence !== b.sequence) return a.sequence - b.sequence
  return Number(b.next_key !== null) - Number(a.next_key !== null)
}
