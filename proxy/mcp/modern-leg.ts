import type { NotificationMessage, RequestMessage, ResponseMessage } from './messages'
import type { UpstreamFailure } from './upstream'

/** What comes back for one request: notifications, then one answer or failure. Nothing comes once it is given up. */
export interface ModernReply {
  /** @param text the message as JSON on one line, to be passed on as it is */
  onNotification(message: NotificationMessage, text: string): void
  /** @param status of HTTP; 200 where there is none */
  onResponse(message: ResponseMessage, text: string, status: number): void
  onFailure(failure: UpstreamFailure): void
}

/** The leg to an upstream of the stateless protocol: many requests, of which none knows of another. */
export interface ModernLeg {
  /** Requests that are under way. */
  readonly size: number
  /**
   * Sends one request. Never throws.
   * @param headers that mirror its body
   * @returns a function that gives it up: the server is told that it is cancelled
   */
  send(message: RequestMessage, headers: Readonly<Record<string, string>>, reply: ModernReply): () => void
  close(): Promise<void>
}

/** The mirrored headers of a request of the proxy's own that names nothing. */
export function ownHeaders({ method }: RequestMessage, version: string): Record<string, string> {
  return { 'mcp-protocol-version': version, 'mcp-method': method }
}
