import type { CompiledPolicy } from './compiled-policy'
import type { Call, Counters, Decision, Requirements } from './decision'

/** The counters and the definition that `evaluate` needs for this call. */
export function requirements(_policies: readonly CompiledPolicy[], _call: Call): Requirements {
  throw new Error('In the making')
}

/**
 * Decides a call: by the server's document, by the every-server document, by the grant's constraint, each whole, in the
 * order given. A function of its inputs; never throws; any doubt denies.
 */
export function evaluate(_policies: readonly CompiledPolicy[], _call: Call, _counters?: Counters): Decision {
  throw new Error('In the making')
}

/** What `tools/list` does with a name: `hidden` by a document, `unnamed` where a default denies it, else `listed`. */
export function visibility(_policies: readonly CompiledPolicy[], _name: string): 'listed' | 'hidden' | 'unnamed' {
  throw new Error('In the making')
}

/** The revision of a set of documents; one document's is its digest. Pass the same array again to have it cached. */
export function revisionOf(_policies: readonly CompiledPolicy[]): string {
  throw new Error('In the making')
}
