import type { RequestId } from './messages'

/** The way back to the client of one session. */
export interface Downstream {
  /** To where the client waits for that request; without one, to where it hears of the session. */
  send(text: string, request: RequestId | null): void
  keepAlive(now: number): void
  /** Nothing more will come. */
  close(): void
}
