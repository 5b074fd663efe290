import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { readEvents } from './event-stream'
import { onOneLine, type RequestId, readEnvelope } from './messages'
import type { ProxyAddress } from './proxy-address'
import type { ProxySession } from './session'

/** Times that one answer's stream is taken up again without a word having come. */
const MAX_RESUMPTIONS = 5
const RETRY_MS = 1_000
const MAX_RETRY_MS = 30_000

/** Where a stream was when it broke off. */
interface Cursor {
  lastEventId: string | null
  retryMs: number
  hasSpoken: boolean
}

const atStart = (): Cursor => ({ lastEventId: null, retryMs: RETRY_MS, hasSpoken: false })

/** Event streams of the proxy: passed on as they come, and taken up again where they break off. */
export class Streams {
  constructor(
    private readonly address: ProxyAddress,
    private readonly session: ProxySession,
    /** One message on one line. */
    private readonly write: (line: string) => void,
    private readonly stop: AbortSignal,
  ) {}

  /**
   * An answer on a stream, behind other messages.
   * @returns whether the answer came, or nobody waits for it any more
   */
  async follow(id: RequestId, first: IncomingMessage, isGivenUp: () => boolean): Promise<boolean> {
    const cursor = atStart()
    let response: IncomingMessage | null = first
    for (let attempts = 0; attempts <= MAX_RESUMPTIONS; attempts++) {
      if (response && (await this.#relay(response, cursor, id))) return true
      if (isGivenUp() || this.stop.aborted) return true
      if (cursor.lastEventId === null) break
      if (cursor.hasSpoken) attempts = 0
      cursor.hasSpoken = false
      await this.#pause(cursor.retryMs * 2 ** attempts)
      response = await this.#resume(cursor).catch(() => null)
      if (response && response.statusCode !== 200) break
    }
    return false
  }

  /**
   * The session's own stream, for as long as there are sessions.
   * @param renew begins a new session in place of one that the proxy has ended; false when it cannot
   */
  async listen(renew: () => Promise<boolean>): Promise<void> {
    const cursor = atStart()
    for (let failures = 0; !this.stop.aborted; failures++) {
      const of = this.session.id
      const response = await this.#resume(cursor).catch(() => null)
      const status = response?.statusCode ?? 0
      if (response && status === 200) await this.#relay(response, cursor, null)
      else response?.resume()
      // 405: the proxy offers none, 401: it never will again with this key.
      if (status === 405 || status === 401 || this.stop.aborted) return
      if (status === 200) failures = 0
      if (status === 404 && of === this.session.id && !(await renew())) return
      if (of !== this.session.id) cursor.lastEventId = null
      await this.#pause(Math.min(cursor.retryMs * 2 ** Math.min(failures, 5), MAX_RETRY_MS))
    }
  }

  #resume({ lastEventId }: Cursor): Promise<IncomingMessage> {
    const headers = this.session.headers()
    if (lastEventId !== null) headers['last-event-id'] = lastEventId
    return this.address.open('GET', headers).response
  }

  /** Passes on what a stream says. @returns whether the answer to `id` was there */
  async #relay(response: IncomingMessage, cursor: Cursor, id: RequestId | null): Promise<boolean> {
    try {
      for await (const event of readEvents(response)) {
        if (event.id !== null) cursor.lastEventId = event.id
        if (event.retryMs !== null) cursor.retryMs = Math.min(event.retryMs, MAX_RETRY_MS)
        if (event.data === '') continue
        cursor.hasSpoken = true
        this.write(onOneLine(event.data))
        if (id !== null && isAnswerTo(id, event.data)) return true
      }
    } catch {
      // Broken off: whoever called takes it up again.
    }
    return false
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, null, { signal: this.stop }).catch(() => undefined)
  }
}

export function isAnswerTo(id: RequestId, text: string): boolean {
  const { id: answered, method } = readEnvelope(text)
  return answered === id && method === null
}
