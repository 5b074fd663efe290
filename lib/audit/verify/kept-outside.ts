import type { X509Certificate } from 'node:crypto'
import type { Checkpoint } from '../checkpoint'
import type { RetentionStatement } from '../retention/statement'
import type { CheckpointTimestamp } from '../timestamp/model'
import type { VerifierOptions } from './verifier'

/** What whoever verifies holds in hand, apart from the record and what lies beside it. */
export interface KeptOutside {
  readonly outside: readonly Checkpoint[]
  /** Public keys of proxies that are trusted. */
  readonly keys: readonly string[]
  readonly statements?: readonly RetentionStatement[]
  readonly stamps?: readonly CheckpointTimestamp[]
  readonly retentionKeys?: readonly string[]
  readonly authorities?: readonly X509Certificate[]
}

interface Beside {
  readonly inside: readonly Checkpoint[]
  readonly statements: readonly RetentionStatement[]
  readonly stamps: readonly CheckpointTimestamp[]
}

/** Both together, what was kept outside first. */
export function withBeside(kept: KeptOutside, beside: Beside): Omit<VerifierOptions, 'scope' | 'slices'> {
  const stamps = new Map([...beside.stamps, ...(kept.stamps ?? [])].map(stamp => [stamp.token, stamp]))
  return {
    ...kept,
    inside: beside.inside,
    statements: [...(kept.statements ?? []), ...beside.statements],
    stamps: [...stamps.values()],
  }
}
