import type { LinkKind } from '../chain'
import type { Checkpoint } from '../checkpoint'
import type { FilterCondition } from '../filter/model'
import type { RetentionStatement } from '../retention/statement'
import type { CheckpointTimestamp } from '../timestamp/model'
import type { LinkInput } from '../verify/model'
import type { ChainPart } from './chains'

/** A record from before its proxy kept a chain, or one that was put beside it. */
export interface UnlinkedRecord {
  readonly kind: LinkKind
  /** Canonical JSON. */
  readonly record: string
}

interface Head {
  readonly madeAt: Date
  readonly madeBy: string
  readonly isWhole: boolean
  readonly conditions: readonly FilterCondition[]
  readonly since: Date | null
  readonly until: Date | null
  readonly proof: boolean
  readonly parts: readonly ChainPart[]
}

/** The first line says what the export is a part of, and where each chain in it begins and ends. */
export function headLine({ madeAt, madeBy, isWhole, conditions, since, until, proof, parts }: Head): string {
  const isFiltered = conditions.length > 0
  const chains = parts.map(({ chain, proxy, from, to, before }) => ({ chain, proxy, from, to, before }))
  return lineOf({
    intercept_export: 1,
    made_at: madeAt,
    made_by: madeBy,
    whole: isWhole,
    filter: isFiltered ? conditions : null,
    proof: isFiltered && proof,
    since,
    until,
    chains,
  })
}

export function checkpointLine(checkpoint: Checkpoint): string {
  return lineOf({ checkpoint })
}

export function statementLine(statement: RetentionStatement): string {
  return lineOf({ statement })
}

export function stampLine(timestamp: CheckpointTimestamp): string {
  return lineOf({ timestamp })
}

/**
 * A record in its place; `checkpoint` is the number of the checkpoint that covers it. The record stands last and in its
 * canonical form, so that its digest can be taken from the line as it is.
 */
export function linkLine({ chain, sequence, kind, hash, digest, record }: LinkInput, coveredBy: number | null): string {
  const place = `{"chain":"${chain}","sequence":${sequence},"kind":"${kind}","hash":"${hash}","checkpoint":${coveredBy},`
  return record === null ? `${place}"digest":"${digest}"}\n` : `${place}"record":${record}}\n`
}

export function unlinkedLine({ kind, record }: UnlinkedRecord): string {
  return `{"chain":null,"kind":"${kind}","record":${record}}\n`
}

/** The last line: without it the file was cut off. */
export function endLine(records: number): string {
  return lineOf({ end: { records } })
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`
}
