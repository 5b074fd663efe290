import { writeChange } from '@/lib/audit/changes'
import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { database } from '@/lib/db/current'
import { checkpointDigest } from '../checkpoint'
import type { FilterCondition } from '../filter/model'
import { type Where, whereOf } from '../queries/where'
import type { LinkInput } from '../verify/model'
import { type ChainPart, readAllCheckpoints, readChains } from './chains'
import { csvHead, csvLine } from './csv'
import { readStamps, readStatements } from './kept'
import { readLinks, readUnlinked, type Wanted } from './links'
import {
  checkpointLine,
  endLine,
  headLine,
  linkLine,
  stampLine,
  statementLine,
  type UnlinkedRecord,
  unlinkedLine,
} from './ndjson'
import { inSnapshot, type Snapshot } from './snapshot'

export interface ExportOptions {
  readonly format: 'ndjson' | 'csv'
  /** Narrow the export; all must hold. */
  readonly conditions: readonly FilterCondition[]
  readonly since: Date | null
  /** Excluded. */
  readonly until: Date | null
  /** Give the digests of what the conditions leave out, so that the rest can still be verified. NDJSON alone. */
  readonly proof: boolean
}

/** One thing that an export holds, in the order in which it is written. */
type Item =
  | { readonly kind: 'part'; readonly part: ChainPart }
  | { readonly kind: 'link'; readonly link: LinkInput; readonly coveredBy: number | null }
  | { readonly kind: 'unlinked'; readonly unlinked: UnlinkedRecord }

/**
 * The record as text, in lines, from one snapshot of any size: with each record's place in its chain and the checkpoint that
 * covers it. Leaves a change record, since whoever reads all arguments should be seen to. @throws Refusal
 */
export async function* exportRecord(actor: Actor, options: ExportOptions): AsyncGenerator<string> {
  authorise(actor, 'record.export')
  authorise(actor, 'read.arguments')
  await noteExport(actor, options)
  yield* inSnapshot(snapshot => writeLines(snapshot, actor, options))
}

async function* writeLines(snapshot: Snapshot, actor: Actor, options: ExportOptions): AsyncGenerator<string> {
  const isCsv = options.format === 'csv'
  const statements = await readStatements(snapshot)
  const parts = await readChains(snapshot, options, statements)
  const isWhole = options.since === null && options.until === null && options.conditions.length === 0
  if (isCsv) yield csvHead()
  else {
    yield headLine({ ...options, isWhole, parts, madeBy: actor.name, madeAt: new Date() })
    const checkpoints = isWhole ? await readAllCheckpoints(snapshot) : parts.flatMap(part => part.checkpoints)
    for (const checkpoint of checkpoints) yield checkpointLine(checkpoint)
    for (const statement of statements) yield statementLine(statement)
    const stamped = new Set(checkpoints.map(checkpointDigest))
    for (const stamp of await readStamps(snapshot)) if (stamped.has(stamp.checkpoint)) yield stampLine(stamp)
  }
  let records = 0
  for await (const item of readItems(snapshot, parts, options)) {
    if (item.kind === 'part') continue
    records += 1
    if (item.kind === 'unlinked') yield isCsv ? csvLine(item.unlinked, null) : unlinkedLine(item.unlinked)
    else yield isCsv ? csvLine(item.link, item.coveredBy) : linkLine(item.link, item.coveredBy)
  }
  if (!isCsv) yield endLine(records)
}

async function* readItems(
  snapshot: Snapshot,
  parts: readonly ChainPart[],
  options: ExportOptions,
): AsyncGenerator<Item> {
  const where = whereOfOptions(options)
  const wanted: Wanted | null = options.conditions.length > 0 ? { where, isProof: options.proof } : null
  for (const part of parts) {
    yield { kind: 'part', part }
    let next = 0
    for await (const links of readLinks(snapshot, part, wanted))
      for (const link of links) {
        while (next < part.checkpoints.length && (part.checkpoints[next]?.sequence ?? 0) < link.sequence) next += 1
        yield { kind: 'link', link, coveredBy: part.checkpoints[next]?.sequence ?? null }
      }
  }
  for await (const unlinked of readUnlinked(snapshot, where)) yield { kind: 'unlinked', unlinked }
}

function whereOfOptions({ conditions, since, until }: ExportOptions): Where {
  const [from, to] = [since ?? new Date(0), until ?? new Date('9999-01-01T00:00:00Z')]
  const within = { from, to, stepSeconds: 1 }
  return whereOf({ conditions, range: { from, to } }, within)
}

async function noteExport(actor: Actor, options: ExportOptions): Promise<void> {
  const { format, conditions, since, until, proof } = options
  await database().prisma.$transaction(tx =>
    writeChange(tx, actor, {
      action: 'record.export',
      entity: 'record',
      entityId: 'record',
      label: format === 'csv' ? 'CSV' : 'NDJSON',
      after: { format, conditions, since, until, proof },
    }),
  )
}
