import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { request as requestTls, Agent as TlsAgent } from 'node:https'

/** Without a word for this long a connection counts as dead: the proxy gives a sign of life every 15 seconds. */
const SILENCE_MS = 90_000

/** One request that is under way. */
export interface Exchange {
  /** Resolves when the request has left, or has failed. */
  readonly written: Promise<void>
  /** @throws Error with Node's code when no answer came */
  readonly response: Promise<IncomingMessage>
  /** Gives it up. */
  abort(): void
}

/** The proxy's address for one server, over connections that are kept. */
export class ProxyAddress {
  readonly #agent: Agent
  readonly #request: typeof request
  readonly #underWay = new Set<ClientRequest>()

  constructor(
    private readonly url: URL,
    private readonly key: string,
  ) {
    const isTls = url.protocol === 'https:'
    this.#agent = isTls ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true })
    this.#request = isTls ? requestTls : request
  }

  /** Redirects are answers like any other: followed, they would carry the key elsewhere. */
  open(method: 'POST' | 'GET' | 'DELETE', headers: Readonly<Record<string, string>>, body?: string): Exchange {
    const sent = this.#request(this.url, {
      method,
      agent: this.#agent,
      timeout: SILENCE_MS,
      headers: {
        ...headers,
        authorization: `Bearer ${this.key}`,
        accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
    })
    this.#underWay.add(sent)
    sent.once('close', () => this.#underWay.delete(sent))
    sent.once('timeout', () => sent.destroy(new Error('The connection fell silent.')))
    const written = new Promise<void>(resolve => {
      sent.once('finish', () => resolve())
      sent.once('close', () => resolve())
    })
    const response = new Promise<IncomingMessage>((resolve, reject) => {
      sent.once('response', resolve)
      sent.on('error', reject)
    })
    // Whoever waits for `response` is told; an exchange that nobody waits for must not end the process.
    response.catch(() => undefined)
    sent.end(body)
    return { written, response, abort: () => void sent.destroy() }
  }

  /** Cuts what is under way. */
  close(): void {
    for (const sent of this.#underWay) sent.destroy()
    this.#agent.destroy()
  }
}

/** A whole body as text. */
export async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

export function isEventStream(response: IncomingMessage): boolean {
  return (response.headers['content-type'] ?? '').toLowerCase().startsWith('text/event-stream')
}
