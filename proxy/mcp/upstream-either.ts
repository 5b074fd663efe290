import { type Message, type RequestId, readUpstreamMessage } from './messages'
import type { Upstream, UpstreamEvents, UpstreamFailure } from './upstream'

/** What servers of HTTP with SSE answer to a message that is posted to their stream's address (MCP, compatibility). */
const NOT_STREAMABLE = new Set([400, 404, 405])

interface Openings {
  readonly streamable: (events: UpstreamEvents) => Upstream
  readonly sse: (events: UpstreamEvents) => Upstream
}

/**
 * An upstream over HTTP that has not said which transport it speaks: Streamable HTTP is tried with the first message, and
 * where that is refused, HTTP with SSE. What was refused has run nothing, so it may be said again.
 */
export class EitherUpstream implements Upstream {
  #leg: Upstream
  #first: { readonly text: string; readonly requestId: RequestId } | null = null
  #isSettled = false

  constructor(
    private readonly open: Openings,
    private readonly events: UpstreamEvents,
  ) {
    this.#leg = open.streamable({
      onMessage: (message: Message, text, related) => {
        this.#isSettled = true
        events.onMessage(message, text, related)
      },
      onFailure: (id, failure) => this.#failed(id, failure),
      isAwaited: id => events.isAwaited?.(id) ?? true,
      onClose: reason => events.onClose(reason),
    })
  }

  send(text: string, requestId: RequestId | null, trace?: Readonly<Record<string, string>>): void {
    if (!this.#isSettled && this.#first === null && requestId !== null) this.#first = { text, requestId }
    this.#leg.send(text, requestId, trace)
  }

  settle(protocolVersion: string): void {
    this.#leg.settle(protocolVersion)
  }

  close(): Promise<void> {
    this.#isSettled = true
    return this.#leg.close()
  }

  #failed(id: RequestId, failure: UpstreamFailure): void {
    const first = this.#first
    const mayBeOther = !this.#isSettled && first?.requestId === id && NOT_STREAMABLE.has(failure.status ?? 0)
    this.#isSettled = true
    if (!mayBeOther || !first || !beginsSession(first.text)) return void this.events.onFailure(id, failure)
    void this.#leg.close()
    this.#leg = this.open.sse(this.events)
    this.#leg.send(first.text, id)
  }
}

/** Nothing else is ever said twice. */
function beginsSession(text: string): boolean {
  const message = readUpstreamMessage(text)
  return message.kind === 'request' && message.method === 'initialize'
}
