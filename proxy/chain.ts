import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { canonicalRecord, genesis, type Link, linkHash, sha256 } from '@/lib/audit/chain'
import { Checkpoint } from '@/lib/audit/checkpoint'
import { uuidv7 } from '@/lib/db/uuid'
import type { LineKind, SpoolLine } from './spool-line'
import { decodeLines } from './spool-lines'
import { segmentFile, segmentNumbers } from './spool-segment'

/** A checkpoint as the spool and Postgres hold it: with its digest. */
export const SpooledCheckpoint = Checkpoint.extend({ digest: z.string() })
export type SpooledCheckpoint = z.infer<typeof SpooledCheckpoint>

const Head = z.object({ chain: z.uuid(), sequence: z.int().min(0), hash: z.string() })
/** What is kept beside the segments, since they go when they are shipped. */
const Kept = z.object({ head: Head, checkpoint: SpooledCheckpoint.nullable() })

/** Room that a place takes in a line, at most: three names, a UUID, a number of 16 digits and a hash. */
export const PLACE_BYTES = 160

/**
 * The proxy's hash chain (lib/audit/chain.ts). Records get their place in the order in which their lines are written, so
 * what is durable is a chain without gaps. After a write that failed nobody knows what is on the disk: then that chain
 * ends, and a new one begins.
 */
export class Chain {
  /** Called when more is durable. */
  onCommit: () => void = () => undefined
  /** Called with the last durable place of a chain that ends. */
  onEnd: (last: Link) => void = () => undefined
  /** The newest checkpoint that is durable. */
  checkpoint: SpooledCheckpoint | null = null
  readonly #file: string | null
  #durable: Link
  #placed: Link

  /**
   * Takes up the chain where the spool, or what was kept when its segments went, says that it ended.
   * @param directory null begins a new one, which is kept elsewhere
   */
  constructor(directory: string | null) {
    this.#file = directory === null ? null : path.join(directory, 'chain')
    const kept = this.#file === null ? null : readKept(this.#file)
    const spooled = directory === null ? { head: null, checkpoint: null } : readSpooled(directory)
    this.checkpoint = spooled.checkpoint ?? kept?.checkpoint ?? null
    const isKeptNewer = kept && (!spooled.head || isAfter(kept.head, spooled.head))
    this.#durable = (isKeptNewer ? kept.head : spooled.head) ?? newChain()
    this.#placed = this.#durable
  }

  /** The last durable place; sequence 0 before the first record. */
  get head(): Link {
    return this.#durable
  }

  /** The line with its place added. @param digest of the canonical record, if it is known */
  place(kind: LineKind, text: string, digest?: string): string {
    const tail = this.tail(kind, text, digest)
    return tail === '' ? text : text.slice(0, -1) + tail
  }

  /** What stands for a line's last brace when it has its place; empty for lines that take none. */
  tail(kind: LineKind, text: string, digest?: string): string {
    if (kind === 'p' || kind === 'c') return ''
    const { chain } = this.#placed
    const sequence = this.#placed.sequence + 1
    const of = kind === 'o' ? 'outcome' : 'decision'
    const hash = linkHash(this.#placed.hash, sequence, of, digest ?? sha256(canonicalRecord(text)))
    this.#placed = { chain, sequence, hash }
    return `,"chain":"${chain}","sequence":${sequence},"hash":"${hash}"}`
  }

  /** What was placed is durable. */
  commit(): void {
    if (this.#placed === this.#durable) return
    this.#durable = this.#placed
    this.onCommit()
  }

  /** What was placed may be durable or not. */
  abandon(): void {
    if (this.#placed === this.#durable) return
    const ended = this.#durable
    this.#durable = this.#placed = newChain()
    if (ended.sequence > 0) this.onEnd(ended)
  }

  /** Keeps the place, synced: it must survive the segments that held it. */
  save(): void {
    if (this.#file === null) return
    const draft = `${this.#file}.new`
    const descriptor = openSync(draft, 'w', 0o600)
    try {
      writeSync(descriptor, JSON.stringify({ head: this.#durable, checkpoint: this.checkpoint }))
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(draft, this.#file)
    const folder = openSync(path.dirname(this.#file), 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  }
}

function newChain(): Link {
  const chain = uuidv7()
  return { chain, sequence: 0, hash: genesis(chain) }
}

function isAfter(a: Link, b: Link): boolean {
  return a.chain === b.chain && a.sequence > b.sequence
}

function readKept(file: string): z.infer<typeof Kept> | null {
  try {
    return Kept.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    // Lost or damaged: if no segment says more, a new chain begins.
    return null
  }
}

/** The last place and the last checkpoint in the segments. */
function readSpooled(directory: string): { head: Link | null; checkpoint: SpooledCheckpoint | null } {
  const found: { head: Link | null; checkpoint: SpooledCheckpoint | null } = { head: null, checkpoint: null }
  for (const number of listSegments(directory).reverse()) {
    const { lines } = decodeLines(readFileSync(segmentFile(directory, number)), Number.POSITIVE_INFINITY)
    for (const line of [...lines].reverse()) {
      if (line.kind === 'c') found.checkpoint ??= SpooledCheckpoint.safeParse(JSON.parse(line.text)).data ?? null
      else found.head ??= placeOf(line)
      if (found.head && found.checkpoint) return found
    }
  }
  return found
}

function listSegments(directory: string): number[] {
  try {
    return segmentNumbers(readdirSync(directory))
  } catch {
    return []
  }
}

/** The place that a spooled line says of itself. */
export function placeOf({ text }: Pick<SpoolLine, 'text'>): Link | null {
  const match = /,"chain":"([0-9a-f-]{36})","sequence":([0-9]{1,16}),"hash":"([0-9a-f]{64})"\}$/.exec(text)
  const [, chain, sequence, hash] = match ?? []
  return chain && sequence && hash ? { chain, sequence: Number(sequence), hash } : null
}
