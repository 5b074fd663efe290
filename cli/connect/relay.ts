import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
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
import { MirroredHeaders } from './mirrored-headers'
import { type Exchange, isEventStream, type ProxyAddress, readText } from './proxy-address'
import type { ProxySession } from './session'
import { isAnswerTo, Streams } from './streams'

/** What may still be answered when the client has said its last word. */
const LAST_ANSWERS_MS = 1_000

export interface Client {
  /** One message on one line, to standard output. */
  write(line: string): void
  /** A sentence for the person who reads standard error. */
  say(words: string): void
}

/** Carries messages between a client on standard input and output and the proxy, both ways, in the client's order. */
export class Relay {
  readonly #waiting = new Map<RequestId, Promise<void>>()
  readonly #cancelled = new Set<RequestId>()
  readonly #stop = new AbortController()
  readonly #streams: Streams
  readonly #mirrored = new MirroredHeaders()
  /** Requests of the protocol without sessions, which end with their exchange. */
  readonly #sessionless = new Map<RequestId, Exchange>()
  #renewal: Promise<void> | null = null
  #isListening = false

  constructor(
    private readonly address: ProxyAddress,
    private readonly session: ProxySession,
    private readonly url: URL,
    private readonly client: Client,
  ) {
    this.#streams = new Streams(address, session, line => this.#pass(line), this.#stop.signal)
  }

  /**
   * Takes one message of the client; resolves when the next may be sent.
   * @throws SessionRefused when the session cannot begin
   */
  async take(line: string): Promise<void> {
    const envelope = readEnvelope(line)
    const { id, method } = envelope
    if (method === 'initialize' && id !== null && this.session.id === null) return this.#begin(line, envelope)
    if (method === 'notifications/cancelled' && this.#cancel(envelope)) return
    if (method === null || id === null) {
      await this.#tell(line, envelope)
      if (method === 'notifications/initialized') this.#listen()
      return
    }
    await this.#ask(id, line, envelope)
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

  /** @returns whether that was all: without a session, a request is given up by cutting its exchange */
  #cancel({ body }: Envelope): boolean {
    const id = objectOf(body.params).requestId as RequestId
    if (this.#waiting.has(id)) this.#cancelled.add(id)
    const exchange = this.#sessionless.get(id)
    exchange?.abort()
    return exchange !== undefined
  }

  /** A notification or an answer: the next message waits until the proxy has taken it. */
  async #tell(line: string, envelope: Envelope, isAgain = false): Promise<void> {
    try {
      const headers = this.#mirrored.of(envelope) ?? this.session.headers()
      const response = await this.address.open('POST', headers, line).response
      const text = await readText(response)
      const status = response.statusCode ?? 0
      if (this.#isLost(status) && !isAgain && (await this.#renew())) return this.#tell(line, envelope, true)
      if (status < 300) return
      const said = errorIn(text)
      // What the proxy could not read is answered by an error without an id; the client may know what it sent.
      if (said !== null) this.client.write(onOneLine(text))
      this.client.say(describeStatus(status, said, this.url))
    } catch (error) {
      this.client.say(describeFault(error, this.url))
    }
  }

  async #ask(id: RequestId, line: string, envelope: Envelope): Promise<void> {
    const mirrored = this.#mirrored.of(envelope)
    const exchange = this.address.open('POST', mirrored ?? this.session.headers(), line)
    if (mirrored) this.#sessionless.set(id, exchange)
    const answered = this.#answer(id, line, exchange.response).finally(() => {
      this.#waiting.delete(id)
      this.#sessionless.delete(id)
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

  async #follow(id: RequestId, response: IncomingMessage): Promise<string | null> {
    const isOver = await this.#streams.follow(id, response, () => this.#cancelled.has(id))
    return isOver ? null : 'The proxy ended its answer before it was complete.'
  }

  /** An answer that came alone. @returns what is wrong with it */
  async #deliver(id: RequestId, response: IncomingMessage): Promise<string | null> {
    const status = response.statusCode ?? 0
    const text = await readText(response)
    const { error } = parseObject(text)
    if (isAnswerTo(id, text)) {
      this.#pass(onOneLine(text))
    }
    // What could not be read as one message is refused without an id; the client waits under the one that it sent.
    else if (status === 400 && error) this.client.write(JSON.stringify({ jsonrpc: '2.0', id, error }))
    else if (status >= 300) return describeStatus(status, errorIn(text), this.url)
    else return 'The proxy gave no answer.'
    return null
  }

  #pass(line: string): void {
    if (line.includes('"x-mcp-header"')) this.#mirrored.observe(line)
    this.client.write(line)
  }

  /** The session's own stream; one is enough. */
  #listen(): void {
    if (this.#isListening || this.session.id === null) return
    this.#isListening = true
    this.#streams.listen(() => this.#renew()).catch(error => this.client.say(describeFault(error, this.url)))
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

  #fail(id: RequestId, problem: string): void {
    // Who has cancelled waits for nothing, and after the end nobody reads.
    if (this.#cancelled.has(id) || this.#stop.signal.aborted) return
    this.client.write(errorLine(id, problem))
    this.client.say(problem)
  }
}

/** The message of the JSON-RPC error in a body; null when it holds none. */
function errorIn(text: string): string | null {
  const { message } = objectOf(parseObject(text).error)
  return typeof message === 'string' ? message : null
}
