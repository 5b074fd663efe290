import type { Message, RequestId } from './messages'

/** Why one request has no answer. */
export interface UpstreamFailure {
  /** False only when not a byte of it left. */
  readonly wasSent: boolean
  /** HTTP status, where there is one. */
  readonly status: number | null
  /** For the caller: no credentials, no addresses. */
  readonly message: string
  /** The upstream does not know its session any more. */
  readonly isSessionLost?: boolean
}

export interface UpstreamEvents {
  /**
   * A message came.
   * @param text the message as JSON on one line, to be passed on as it is
   * @param related the client's request on whose stream it came; null when the transport does not tell, or it came on none
   */
  onMessage(message: Message, text: string, related: RequestId | null): void
  onFailure(requestId: RequestId, failure: UpstreamFailure): void
  /** Whether anybody still waits for that answer; without this it is taken for granted. */
  isAwaited?(requestId: RequestId): boolean
  /** Nothing more will come. */
  onClose(reason: string): void
}

/** An upstream cannot be opened now; the message is for the caller. */
export class UpstreamRefused extends Error {}

/** As many children run as may. */
export class TooManyChildren extends UpstreamRefused {}

/** The leg to one upstream server, for one session. */
export interface Upstream {
  /**
   * Sends one message, JSON on one line. Never throws: a request that cannot be sent comes back as a failure.
   * @param trace headers of the trace it belongs to, for a leg that has headers
   */
  send(text: string, requestId: RequestId | null, trace?: Readonly<Record<string, string>>): void
  /** The protocol version that `initialize` settled on. */
  settle(protocolVersion: string): void
  /** Ends the session upstream, or the process and all that it started. */
  close(): Promise<void>
}

/** What an upstream of this proxy's own making answers where nothing may be started for the caller. */
export const MAX_UPSTREAM_BYTES = 32 * 1024 * 1024
