import { z } from 'zod'
import { isJsonObject, readJson, writeJson } from '@/lib/policy'
import { canonicalRecord, type LinkKind, sha256 } from '../chain'
import { Checkpoint } from '../checkpoint'
import { RetentionStatement } from '../retention/statement'
import { CheckpointTimestamp } from '../timestamp/model'
import { type KeptOutside, withBeside } from './kept-outside'
import { chainStarts, isLate } from './late'
import type { LinkInput, VerifyReport } from './model'
import { RecordVerifier, type Scope } from './verifier'

const Slice = z.object({
  chain: z.uuid(),
  proxy: z.string().nullable(),
  from: z.int(),
  to: z.int(),
  before: z.string(),
})
const Head = z.object({
  intercept_export: z.literal(1),
  whole: z.boolean(),
  filter: z.array(z.unknown()).nullable(),
  proof: z.boolean(),
  chains: z.array(Slice),
})
type Head = z.infer<typeof Head>
const Place = z.object({
  chain: z.uuid().nullable(),
  kind: z.enum(['decision', 'outcome']),
  sequence: z.int().optional(),
  hash: z.string().optional(),
  digest: z.string().optional(),
})

const BESIDE = { checkpoint: Checkpoint, statement: RetentionStatement, timestamp: CheckpointTimestamp } as const
const KINDS = ['checkpoint', 'statement', 'timestamp'] as const

export interface FileOptions extends KeptOutside {
  readonly onProgress?: (records: number) => void
}

/** A line that cannot be read: the file is no export, or somebody broke it. */
export class UnreadableExport extends Error {}

/** A line as `linkLine` writes it: the record stands last, and its digest is that of its bytes. */
const WRITTEN =
  /^\{"chain":"([0-9a-f-]{36})","sequence":([0-9]{1,16}),"kind":"(decision|outcome)","hash":"([0-9a-f]{64})","checkpoint":(?:[0-9]+|null),"(record|digest)":/

/**
 * Verifies an export in NDJSON without any database, line by line.
 * @throws UnreadableExport with the number of the line
 */
export async function verifyExport(lines: AsyncIterable<string>, options: FileOptions): Promise<VerifyReport> {
  const reader = new ExportReader(options)
  for await (const line of lines) reader.read(line)
  return reader.finish()
}

class ExportReader {
  #head: Head | null = null
  #line = 0
  #records = 0
  #said: number | null = null
  readonly #beside = {
    inside: [] as Checkpoint[],
    statements: [] as RetentionStatement[],
    stamps: [] as CheckpointTimestamp[],
  }
  #verifier: RecordVerifier | null = null
  #began: ReadonlyMap<string, number> = new Map()

  constructor(private readonly options: FileOptions) {}

  read(line: string): void {
    this.#line += 1
    if (line === '') return
    const written = this.#head && WRITTEN.exec(line)
    if (written) {
      this.#add(linkOf(line, written))
      return
    }
    const reading = readJson(line, { maxLength: 64 * 1024 * 1024, maxDepth: 1_000 })
    if (!reading.ok || !isJsonObject(reading.value)) throw this.#unreadable('is no JSON object')
    this.#readOther(reading.value)
  }

  finish(): VerifyReport {
    if (!this.#head) throw new UnreadableExport('The file is empty.')
    const verifier = this.#verifierOf()
    if (this.#said !== this.#records) {
      const message =
        this.#said === null
          ? 'The file ends before its last line: it was cut off.'
          : `The file says that it holds ${this.#said} records, and holds ${this.#records}.`
      verifier.addFinding({ kind: 'truncated', chain: null, sequence: null, decision: null, message })
    }
    return verifier.finish()
  }

  #readOther(value: Record<string, unknown>): void {
    if (!this.#head) {
      const head = Head.safeParse(value)
      if (!head.success) throw this.#unreadable('is not the first line of an export in NDJSON')
      this.#head = head.data
      this.#began = chainStarts(head.data.chains)
    } else if (KINDS.some(kind => isJsonObject(value[kind] as never))) {
      this.#readBeside(value)
    } else if (isJsonObject(value.end as never)) {
      this.#said = z.object({ records: z.int() }).safeParse(value.end).data?.records ?? -1
    } else this.#readRecord(value)
  }

  /** What lies beside the record, in front of it in the file. */
  #readBeside(value: Record<string, unknown>): void {
    const kind = KINDS.find(each => isJsonObject(value[each] as never)) as (typeof KINDS)[number]
    const { inside, statements, stamps } = this.#beside
    const reading = BESIDE[kind].safeParse(JSON.parse(writeJson(value[kind])))
    if (this.#verifier) throw this.#unreadable(`holds a ${kind} behind records`)
    if (!reading.success) throw this.#unreadable(`holds a ${kind} that cannot be read`)
    if (kind === 'checkpoint') inside.push(reading.data as Checkpoint)
    else if (kind === 'statement') statements.push(reading.data as RetentionStatement)
    else stamps.push(reading.data as CheckpointTimestamp)
  }

  /** A record in another spelling than ours, or without a place. */
  #readRecord(value: Record<string, unknown>): void {
    const place = Place.safeParse(value)
    if (!place.success) throw this.#unreadable('is neither a record nor a checkpoint')
    const { chain, kind, sequence, hash, digest } = place.data
    const record = value.record === undefined ? null : canonicalRecord(writeJson(value.record))
    if (chain === null) {
      this.#addUnlinked(record ?? '{}')
      return
    }
    const of = digest ?? (record === null ? undefined : sha256(record))
    if (sequence === undefined || hash === undefined || of === undefined)
      throw this.#unreadable('holds a record without its place')
    this.#add({ chain, sequence, kind, hash, digest: record === null ? of : sha256(record), record })
  }

  #add(link: LinkInput): void {
    if (++this.#records % 10_000 === 0) this.options.onProgress?.(this.#records)
    this.#verifierOf().add(link)
  }

  #addUnlinked(record: string): void {
    this.#records += 1
    this.#verifierOf().addUnlinked(record, isLate(record, this.#began))
  }

  /** Checkpoints stand before the records, so all of them are known when the first record comes. */
  #verifierOf(): RecordVerifier {
    const head = this.#head as Head
    this.#verifier ??= new RecordVerifier({
      ...withBeside(this.options, this.#beside),
      scope: scopeOf(head),
      slices: head.chains,
    })
    return this.#verifier
  }

  #unreadable(problem: string): UnreadableExport {
    return new UnreadableExport(`Line ${this.#line} ${problem}.`)
  }
}

function linkOf(line: string, [place, chain, sequence, kind, hash, what]: RegExpExecArray): LinkInput {
  const rest = line.slice(place.length, -1)
  const isRecord = what === 'record'
  return {
    chain: chain as string,
    sequence: Number(sequence),
    kind: kind as LinkKind,
    hash: hash as string,
    digest: isRecord ? sha256(rest) : rest.slice(1, -1),
    record: isRecord ? rest : null,
  }
}

function scopeOf({ whole, filter, proof }: Head): Scope {
  if (filter !== null && !proof) return 'filtered'
  return whole ? 'whole' : 'part'
}
