import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { readEvents } from './event-stream'
import { describeFault, describeStatus } from './failure'
import { type Envelope, objectOf, onOneLine, parseObject } from './messages'
import { isEventStream, type ProxyAddress, readText } from './proxy-address'

const FAREWELL_MS = 1_000

/** The session could not begin; the message is for the person who set this up. */
export class SessionRefused extends Error {}

/** The session with the proxy: its id, the version that it speaks, and the words it was begun with. */
export class ProxySession {
  #id: string | null = null
  #version: string | null = null
  #initialize: Envelope | null = null
  #capabilities: Record<string, unknown> = {}

  constructor(
    private readonly address: ProxyAddress,
    private readonly url: URL,
  ) {}

  get id(): string | null {
    return this.#id
  }

  /** What the server said that it can do. */
  get capabilities(): Readonly<Record<string, unknown>> {
    return this.#capabilities
  }

  /** Of every request in the session. */
  headers(): Record<string, string> {
    return {
      ...(this.#id === null ? {} : { 'mcp-session-id': this.#id }),
      ...(this.#version === null ? {} : { 'mcp-protocol-version': this.#version }),
    }
  }

  /**
   * Begins the session with the client's `initialize`.
   * @returns the proxy's answer on one line
   * @throws SessionRefused when there is no answer of the server's to give
   */
  async begin(text: string, envelope: Envelope): Promise<string> {
    const answer = await this.#ask(text)
    this.#initialize = envelope
    return answer
  }

  /** Begins anew with the same words, since the proxy has ended the session. @throws SessionRefused */
  async renew(): Promise<void> {
    this.#id = null
    this.#version = null
    const answer = await this.#ask(JSON.stringify({ ...this.#initialize?.body, id: `connect-${randomUUID()}` }))
    const { error } = parseObject(answer)
    if (error !== undefined) throw new SessionRefused(String(objectOf(error).message ?? 'The session cannot go on.'))
  }

  /** Tells the proxy that the session is over. Never throws, and takes a second at most. */
  async end(): Promise<void> {
    if (this.#id === null) return
    const { response } = this.address.open('DELETE', this.headers())
    this.#id = null
    await Promise.race([
      response.then(answer => answer.resume()).catch(() => undefined),
      sleep(FAREWELL_MS, null, { ref: false }),
    ])
  }

  async #ask(text: string): Promise<string> {
    try {
      const response = await this.address.open('POST', {}, text).response
      const status = response.statusCode ?? 0
      const body = await readAnswer(response)
      const { result, error } = parseObject(body)
      if (status !== 200) {
        const { message } = objectOf(error)
        throw new SessionRefused(describeStatus(status, typeof message === 'string' ? message : null, this.url))
      }
      const id = response.headers['mcp-session-id']
      const { protocolVersion, capabilities } = objectOf(result)
      this.#id = typeof id === 'string' ? id : null
      this.#version = typeof protocolVersion === 'string' ? protocolVersion : null
      this.#capabilities = objectOf(capabilities)
      return onOneLine(body)
    } catch (error) {
      throw error instanceof SessionRefused ? error : new SessionRefused(describeFault(error, this.url))
    }
  }
}

/** The answer to `initialize`, which comes alone: a session that has not begun says nothing else. */
async function readAnswer(response: Parameters<typeof readText>[0]): Promise<string> {
  if (!isEventStream(response)) return readText(response)
  for await (const { data } of readEvents(response)) if (data !== '') return data
  return ''
}
