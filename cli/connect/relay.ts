import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { readEvents } from './event-stream'
import { describeFault, describeStatus } from './failure'
import {
  type Envelope,
  errorLine,
  notificationLine,
  objectOf,
  onOneLine,
  parseObject,
  type RequestId,
  readEnvelope,
} from './messages'
import { isEventStream, type ProxyAddress, readText } from './proxy-address'
import type { ProxySession } from './session'

/** Times that one answer's stream is taken up again without a word having come. */
const MAX_RESUMPTIONS = 5
const RETRY_MS = 1_000
const MAX_RETRY_MS = 30_000
/** What may still be answered when the client has said its last word. */
const LAST_ANSWERS_MS = 1_000

export interface Client {
  /** One message on one line, to standard output. */
  write(line: string): void
  /** A sentence for the person who reads standard error. */
  say(words: string): void
}

/** Where a stream was when it broke off. */
interface Cursor {
  lastEventId: string | null
  retryMs: number
  hasSpoken: boolean
}

/** Carries messages between a client on standard input and output and the proxy, both ways, in the client's order. */
export class Relay {
  readonly #waiting = new Map<RequestId, Promise<void>>()
  readonly #cancelled = new Set<RequestId>()
  readonly #stop = new AbortController()
  #renewal: Promise<void> | null = null
  #isListening = false

  constructor(
    private readonly address: ProxyAddress,
    private readonly session: ProxySession,
    private readonly url: URL,
    private readonly client: Client,
  ) {}

  /**
   * Takes one message of the client; resolves when the next may be sent.
   * @throws SessionRefused when the session cannot begin
   */
  async take(line: string): Promise<void> {
    const envelope = readEnvelope(line)
    const { id, method } = envelope
    if (method === 'initialize' && id !== null && this.session.id === null) return this.#begin(line, envelope)
    if (method === 'notifications/cancelled') this.#cancel(envelope)
    if (method === null || id === null) {
      await this.#tell(line)
      if (method === 'notifications/initialized') this.#listen()
      return
    }
    await this.#ask(id, line)
  }

  /** Waits a moment for answers, then ends the session and cuts the rest. */
  async close(): Promise<void> {
    await Promise.race([Promise.all(this.#waiting.values()), sleep(LAST_ANSWERS_MS, null, { ref: false })])
    this.#stop.abort()
    await this.session.end()
    this.address.close()
  }

  async #begin(line: string, envelope: Envelope): Promise<void> {
    try {
      this.client.write(await this.session.begin(line, envelope))
    } catch (error) {
      this.client.write(errorLine(envelope.id as RequestId, (error as Error).message))
      throw error
    }
  }

  #cancel({ body }: Envelope): void {
    const { requestId } = objectOf(body.params)
    if (this.#waiting.has(requestId as RequestId)) this.#cancelled.add(requestId as RequestId)
  }

  /** A notification or an answer: the next message waits until the proxy has taken it. */
  async #tell(line: string, isAgain = false): Promise<void> {
    try {
      const response = await this.address.open('POST', this.session.headers(), line).response
      const text = await readText(response)
      const status = response.statusCode ?? 0
      if (this.#isLost(status) && !isAgain && (await this.#renew())) return this.#tell(line, true)
      if (status < 300) return
      const said = errorIn(text)
      // What the proxy could not read is answered by an error without an id; the client may know what it sent.
      if (said !== null) this.client.write(onOneLine(text))
      this.client.say(describeStatus(status, said, this.url))
    } catch (error) {
      this.client.say(describeFault(error, this.url))
    }
  }

  async #ask(id: RequestId, line: string): Promise<void> {
    const exchange = this.address.open('POST', this.session.headers(), line)
    const answered = this.#answer(id, line, exchange.response).finally(() => {
      this.#waiting.delete(id)
      this.#cancelled.delete(id)
    })
    this.#waiting.set(id, answered)
    await exchange.written
  }

  async #answer(id: RequestId, line: string, first: Promise<IncomingMessage>): Promise<void> {
    try {
      let response = await first
      if (this.#isLost(response.statusCode) && (await this.#renew())) {
        response.resume()
        response = await this.address.open('POST', this.session.headers(), line).response
      }
      const problem = isEventStream(response) ? await this.#follow(id, response) : await this.#deliver(id, response)
      if (problem !== null) this.#fail(id, problem)
    } catch (error) {
      this.#fail(id, describeFault(error, this.url))
    }
  }

  /** An answer that came alone. @returns what is wrong with it */
  async #deliver(id: RequestId, response: IncomingMessage): Promise<string | null> {
    const status = response.statusCode ?? 0
    const text = await readText(response)
    const { error } = parseObject(text)
    if (isAnswerTo(id, text)) this.client.write(onOneLine(text))
    // What could not be read as one message is refused without an id; the client waits under the one that it sent.
    else if (status === 400 && error) this.client.write(JSON.stringify({ jsonrpc: '2.0', id, error }))
    else if (status >= 300) return describeStatus(status, errorIn(text), this.url)
    else return 'The proxy gave no answer.'
    return null
  }

  /** An answer on a stream, behind other messages; where the stream breaks off it is taken up again. */
  async #follow(id: RequestId, first: IncomingMessage): Promise<string | null> {
    const cursor: Cursor = { lastEventId: null, retryMs: RETRY_MS, hasSpoken: false }
    let response: IncomingMessage | null = first
    for (let attempts = 0; attempts <= MAX_RESUMPTIONS; attempts++) {
      if (response && (await this.#relay(response, cursor, id))) return null
      if (this.#cancelled.has(id) || this.#stop.signal.aborted) return null
      if (cursor.lastEventId === null) break
      if (cursor.hasSpoken) attempts = 0
      cursor.hasSpoken = false
      await this.#pause(cursor.retryMs * 2 ** attempts)
      response = await this.#resume(cursor).catch(() => null)
      if (response && response.statusCode !== 200) break
    }
    return 'The proxy ended its answer before it was complete.'
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
        this.client.write(onOneLine(event.data))
        if (id !== null && isAnswerTo(id, event.data)) return true
      }
    } catch {
      // Broken off: whoever called takes it up again.
    }
    return false
  }

  /** The session's own stream, for as long as the session lasts. */
  #listen(): void {
    if (this.#isListening) return
    this.#isListening = true
    void this.#listenOn().catch(error => this.client.say(describeFault(error, this.url)))
  }

  async #listenOn(): Promise<void> {
    const cursor: Cursor = { lastEventId: null, retryMs: RETRY_MS, hasSpoken: false }
    for (let failures = 0; !this.#stop.signal.aborted; failures++) {
      const of = this.session.id
      const response = await this.#resume(cursor).catch(() => null)
      const status = response?.statusCode ?? 0
      if (response && status === 200) await this.#relay(response, cursor, null)
      else response?.resume()
      // 405: the proxy offers none, 401: it never will again with this key.
      if (status === 405 || status === 401) return
      if (status === 200) failures = 0
      if (this.#stop.signal.aborted) return
      if (this.#isLost(status) && of === this.session.id && !(await this.#renew())) return
      if (of !== this.session.id) cursor.lastEventId = null
      await this.#pause(Math.min(cursor.retryMs * 2 ** Math.min(failures, 5), MAX_RETRY_MS))
    }
  }

  #isLost(status: number | undefined): boolean {
    return status === 404 && this.session.id !== null
  }

  /** Begins a new session in place of one that the proxy has ended, once for all who notice. False when it cannot. */
  async #renew(): Promise<boolean> {
    this.#renewal ??= this.#beginAnew().finally(() => {
      this.#renewal = null
    })
    return this.#renewal.then(
      () => true,
      error => {
        this.client.say((error as Error).message)
        return false
      },
    )
  }

  async #beginAnew(): Promise<void> {
    await this.session.renew()
    const response = await this.address.open(
      'POST',
      this.session.headers(),
      notificationLine('notifications/initialized'),
    ).response
    response.resume()
    this.client.say('The proxy had ended the session; a new one was begun.')
    // What the client knows of the server is of the session before.
    for (const kind of ['tools', 'resources', 'prompts'])
      if (objectOf(this.session.capabilities[kind]).listChanged === true)
        this.client.write(notificationLine(`notifications/${kind}/list_changed`))
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, null, { signal: this.#stop.signal }).catch(() => undefined)
  }

  #fail(id: RequestId, problem: string): void {
    // Who has cancelled waits for nothing, and after the end nobody reads.
    if (this.#cancelled.has(id) || this.#stop.signal.aborted) return
    this.client.write(errorLine(id, problem))
    this.client.say(problem)
  }
}

function isAnswerTo(id: RequestId, text: string): boolean {
  const { id: answered, method } = readEnvelope(text)
  return answered === id && method === null
}

/** The message of the JSON-RPC error in a body; null when it holds none. */
function errorIn(text: string): string | null {
  const { message } = objectOf(parseObject(text).error)
  return typeof message === 'string' ? message : null
}
