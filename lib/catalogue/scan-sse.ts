import { setTimeout as sleep } from 'node:timers/promises'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StreamableHTTPClientTransport, StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'

/** What servers of HTTP with SSE answer to a message that is posted to their stream's address, as in proxies. */
const NOT_STREAMABLE = new Set([400, 404, 405])

/** A server that opens a stream and says nothing on it is none of this transport, and others are to be tried in time. */
const PATIENCE_MS = 5_000

interface Way {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly fetch: typeof globalThis.fetch
  /** HTTP with SSE, and nothing else is tried. */
  readonly isSse: boolean
}

/** The transport of a server over HTTP: Streamable HTTP, or HTTP with SSE (MCP 2024-11-05) where that is refused. */
export function httpTransport({ url, headers, fetch, isSse }: Way): Transport {
  const options = { requestInit: { headers }, fetch: fetch as never }
  const openSse = () => new SSEClientTransport(url, options)
  return isSse ? openSse() : new EitherTransport(new StreamableHTTPClientTransport(url, options), openSse)
}

class EitherTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JSONRPCMessage) => void
  #isFirst = true

  constructor(
    private leg: Transport,
    private readonly openSse: () => Transport,
  ) {}

  async start(): Promise<void> {
    this.#hear(this.leg)
    await this.leg.start()
  }

  /** The first message is `initialize`, which has run nothing where it was refused. */
  async send(message: JSONRPCMessage): Promise<void> {
    const isFirst = this.#isFirst
    this.#isFirst = false
    try {
      await this.leg.send(message)
    } catch (error) {
      const mayBeOther = isFirst && error instanceof StreamableHTTPError && NOT_STREAMABLE.has(error.code ?? 0)
      const sse = mayBeOther ? await this.#startSse() : null
      // What the first transport was told is what most servers mean.
      if (!sse) throw error
      await sse.send(message)
    }
  }

  setProtocolVersion(version: string): void {
    this.leg.setProtocolVersion?.(version)
  }

  close(): Promise<void> {
    return this.leg.close()
  }

  async #startSse(): Promise<Transport | null> {
    const sse = this.openSse()
    const late = sleep(PATIENCE_MS, 'late' as const, { ref: false })
    const started = await Promise.race([sse.start(), late]).catch(() => 'refused' as const)
    if (started !== undefined) {
      await sse.close().catch(() => undefined)
      return null
    }
    this.leg = sse
    this.#hear(sse)
    return sse
  }

  #hear(leg: Transport): void {
    leg.onclose = () => this.onclose?.()
    leg.onerror = error => this.onerror?.(error)
    leg.onmessage = message => this.onmessage?.(message)
  }
}
