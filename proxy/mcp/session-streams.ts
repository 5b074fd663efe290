import type { ServerResponse } from 'node:http'
import { CallMap } from '../call-map'
import type { Downstream } from './downstream'
import type { RequestId } from './messages'
import { DownstreamStream } from './stream'

/** Messages that no stream could take yet: a server may speak before its client has opened one. */
const MAX_BACKLOG = 64
/** Ended event streams that a client may still resume. */
const MAX_RESUMABLE = 16
/** After this long without an answer a POST becomes an event stream, so that it can be kept alive. */
const PATIENCE_MS = 5_000
const KEEP_ALIVE_MS = 15_000

/** What a request wants its answer to come on. */
export interface StreamWishes {
  /** An event stream, also where one answer is all there is to say. */
  readonly events: boolean
  /** The empty first event of 2025-11-25. */
  readonly priming: boolean
}

/** The streams that go back to one session's client over HTTP. */
export class SessionStreams implements Downstream {
  readonly #posts = new CallMap<RequestId, DownstreamStream>()
  readonly #ended: DownstreamStream[] = []
  #get: DownstreamStream | null = null
  #backlog: string[] = []
  #count = 0
  #keptAliveAt = Date.now()

  /** @param headers of every answer in this session */
  constructor(
    private readonly headers: Readonly<Record<string, string>>,
    private readonly isPrimed: boolean,
  ) {}

  get hasGet(): boolean {
    return this.#get?.isAttached ?? false
  }

  /** Whether a client waits for anything. */
  get isBusy(): boolean {
    return this.#posts.size > 0 || this.hasGet
  }

  hasPost(id: RequestId): boolean {
    return this.#posts.has(id)
  }

  openPost(id: RequestId, response: ServerResponse, { events, priming }: StreamWishes): DownstreamStream {
    const stream = new DownstreamStream(`p${++this.#count}`, response, this.headers, this.isPrimed && priming)
    this.#posts.set(id, stream)
    if (events) stream.openStream()
    return stream
  }

  /** The stream has said its last word. */
  closePost(id: RequestId): void {
    const stream = this.#posts.take(id)
    if (!stream?.isStream) return
    this.#ended.push(stream)
    if (this.#ended.length > MAX_RESUMABLE) this.#ended.shift()
  }

  /** False when the session has one already. What waited is sent at once. */
  openGet(response: ServerResponse): boolean {
    if (this.hasGet) return false
    this.#get = new DownstreamStream(`g${++this.#count}`, response, this.headers, false)
    this.#get.openStream()
    for (const text of this.#backlog.splice(0)) this.#get.send(text)
    return true
  }

  /** Goes on where `Last-Event-ID` says. False when that stream is not known any more. */
  resume(lastEventId: string, response: ServerResponse): boolean {
    const [id = '', sequence = ''] = lastEventId.split('.')
    const known = [...this.#posts.values(), ...this.#ended, ...(this.#get ? [this.#get] : [])]
    const stream = known.find(candidate => candidate.id === id && candidate.isStream)
    if (!stream || !/^\d{1,9}$/.test(sequence)) return false
    stream.resume(response, Number(sequence))
    return true
  }

  /** To the stream of that request; without one, to the stream of the session, or to it once it is opened. */
  send(text: string, request: RequestId | null): void {
    const stream = (request === null ? null : this.#posts.get(request)) ?? this.#get
    if (stream) stream.send(text)
    else if (this.#backlog.length < MAX_BACKLOG) this.#backlog.push(text)
  }

  keepAlive(now: number): void {
    for (const stream of this.#posts.values()) if (now - stream.openedAt > PATIENCE_MS) stream.openStream()
    if (now - this.#keptAliveAt < KEEP_ALIVE_MS) return
    this.#keptAliveAt = now
    for (const stream of this.#posts.values()) stream.keepAlive()
    this.#get?.keepAlive()
  }

  close(): void {
    for (const stream of this.#posts.values()) stream.end()
    this.#get?.end()
    this.#posts.clear()
  }
}
