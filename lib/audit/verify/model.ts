import type { LinkKind } from '../chain'

/**
 * What is wrong with a record or a chain:
 * `edited` a record or its hash was changed · `missing` records between others are gone · `reordered` records stand in
 * another order than they were written · `swapped_outcome` an outcome stands at another call · `inserted` a record
 * too many · `truncated` the end is gone · `replaced` the chain was written anew · `forged_checkpoint` a checkpoint that
 * no trusted key signed · `unlinked` a record without a place in the chain that its proxy kept by then ·
 * `dropped_chain` a chain of which another proxy's checkpoint speaks is gone · `missing_checkpoint` only its checkpoint is ·
 * `forged_statement`, `missing_statement` of retention · `forged_timestamp` a time-stamp that does not hold
 */
export type FindingKind =
  | 'edited'
  | 'missing'
  | 'reordered'
  | 'swapped_outcome'
  | 'inserted'
  | 'truncated'
  | 'replaced'
  | 'forged_checkpoint'
  | 'unlinked'
  | 'dropped_chain'
  | 'missing_checkpoint'
  | 'forged_statement'
  | 'missing_statement'
  | 'forged_timestamp'

export interface Finding {
  readonly kind: FindingKind
  readonly chain: string | null
  /** The first place that is wrong. */
  readonly sequence: number | null
  /** Of the decision that the record is, or is the outcome of. */
  readonly decision: string | null
  readonly message: string
}

/** A record as the verifier takes it, from Postgres or an export. */
export interface LinkInput {
  readonly chain: string
  readonly sequence: number
  readonly kind: LinkKind
  readonly hash: string
  /** SHA-256 of the canonical record. */
  readonly digest: string
  /** JSON of the record, which names it in findings; null when an export gives its digest only. */
  readonly record: string | null
}

export interface ChainReport {
  readonly chain: string
  readonly proxy: string | null
  readonly first: number
  readonly last: number
  readonly records: number
  /** Up to here a checkpoint that was kept outside agrees; 0 when none does. */
  readonly anchoredTo: number
  /** Up to here some signed checkpoint agrees, be it one from beside the record. */
  readonly signedTo: number
  /** Records after the last outside checkpoint: not yet anchored. */
  readonly notAnchored: number
  /** Records of it that retention dropped, by signed statements. */
  readonly dropped: number
  /** How far an authority saw it, and when; null when no time-stamp was checked. */
  readonly stampedTo: { readonly sequence: number; readonly time: string } | null
}

export interface VerifyReport {
  readonly isIntact: boolean
  readonly records: number
  readonly chains: readonly ChainReport[]
  /** The first of each kind in each chain come first; at most `MOST_FINDINGS`. */
  readonly findings: readonly Finding[]
  /** How many there were of each kind, also past the bound. */
  readonly counts: Readonly<Partial<Record<FindingKind, number>>>
  /** What this verification could not tell, in sentences. */
  readonly notes: readonly string[]
}

export const MOST_FINDINGS = 100
