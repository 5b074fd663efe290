import type { DirectoryIdentity } from '@/lib/identity/model'
import type { JsonObject } from '@/lib/policy'
import type { CallOutcome } from './decision-writer'
import type { Denial } from './denial'
import type { TraceContext } from './tracing'
import type { Soon } from './when'

// What the enforcement point (./enforce) is asked, and what it answers.

/** Who asks, through which session if any, of which server. */
export interface Caller {
  readonly identity: DirectoryIdentity
  /** null where callers need no key. */
  readonly keyPrefix: string | null
  /** null where the protocol has no sessions. */
  readonly sessionId: string | null
  readonly clientName: string | null
  readonly clientVersion: string | null
  /** Slug. */
  readonly server: string
  /** Of MCP, once it is settled. */
  readonly protocolVersion?: () => string | null
  /** Digest of the definition that the upstream gave this session for a tool; null when it lists none. */
  readonly seenDigest: (tool: string) => Soon<string | null>
  /** Whether the upstream has told its tools, once it was asked. */
  readonly hasDefinitions: () => boolean
}

/** One request, read strictly. */
export interface Asked {
  readonly method: string
  /** What is judged: a tool's name, or `resources/<uri>`, `prompts/<name>`, `server/<method>`. */
  readonly name: string
  readonly args: JsonObject
  readonly requestId: string | number
  readonly traceId: string | null
  /** Of the message, whose `_meta` may name a trace to go on from. */
  readonly params?: JsonObject | undefined
  /** `performance.now()` when the message was read. */
  readonly readAt: number
}

/** What became of a call. */
export interface CallEnding {
  readonly outcome: CallOutcome
  /** The upstream answered with a JSON-RPC error, or got nothing: what was reserved is given back. */
  readonly isRefundable: boolean
}

export interface Forwarded<Answer> extends CallEnding {
  readonly answer: Answer
  /** Where the answer only began what was asked for: what becomes of it, which then is what became of the call. */
  readonly later?: Promise<CallEnding> | null
}

/** @param trace that the message goes on in; null: as it came */
export type Forward<Answer> = (trace: TraceContext | null) => Promise<Forwarded<Answer>>

export type Enforced<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly denial: Denial }
