import type { Asked, Caller } from './asked'
import type { CallDecision } from './call-decision'
import type { CallOutcome } from './decision-writer'
import type { EnforcedServer } from './enforcement'

/** W3C Trace Context, as it goes on with a message. */
export interface TraceContext {
  readonly traceparent: string
  /** Of the trace that the message came with; undefined where it came with none. */
  readonly tracestate: string | undefined
}

/** The span of one call. None of its functions throws. */
export interface CallSpan {
  readonly traceId: string
  /** @param id the decision record's */
  decided(decision: CallDecision, id: string, revision: number | null): void
  /** Begins the span of the server's part. @returns what the server is told of it */
  forwarding(server: EnforcedServer | undefined): TraceContext
  answered(outcome: CallOutcome): void
  end(): void
}

/** Makes spans of calls; null stands for none wherever it is held, and costs a comparison. */
export interface Tracing {
  begin(caller: Caller, asked: Asked): CallSpan
  /** Sends what is waiting, within a second. */
  close(): Promise<void>
}
