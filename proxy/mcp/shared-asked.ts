import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import {
  errorMessage,
  type NotificationMessage,
  type RequestId,
  type RequestMessage,
  type ResponseMessage,
  resultMessage,
} from './messages'
import type { SharedLeg } from './shared-leg'
import type { SharedRequests } from './shared-requests'

const METHOD_NOT_FOUND = -32_601
const UNCLEAR = 'Several clients share this server, and it cannot be told which one this is for.'

/** What a shared child has asked of its clients: each of one session, whose answer alone counts. */
export class SharedAsked {
  /** By the child's id: of whom, and the token under which it hears of progress. */
  readonly #asked = new Map<RequestId, { readonly leg: SharedLeg; readonly token: JsonValue | undefined }>()

  /** @param send to the child */
  constructor(
    private readonly requests: SharedRequests,
    private readonly send: (body: JsonObject) => void,
  ) {}

  /** Goes to the session that it can only be meant for; else nobody could say whose it is. */
  take(message: RequestMessage, text: string): void {
    const { id, method, params } = message
    if (method === 'ping') return void this.send(resultMessage(id, {}))
    if (this.#asked.has(id)) return void this.#refuse(id, -32_600, 'This id is in use.')
    const caller = this.requests.callerOf(params)
    if (!caller) return void this.#refuse(id, -32_000, UNCLEAR)
    if (!caller.leg.canAnswer(method))
      return void this.#refuse(id, METHOD_NOT_FOUND, 'The client does not answer such requests.')
    const meta = params?._meta
    this.#asked.set(id, { leg: caller.leg, token: isJsonObject(meta) ? meta.progressToken : undefined })
    caller.leg.events.onMessage(message, text, caller.id)
  }

  /** The child does not want it answered any more. */
  cancelled(message: NotificationMessage, text: string): void {
    const id = message.params?.requestId
    const asked = typeof id === 'string' || typeof id === 'number' ? this.#asked.get(id) : undefined
    asked?.leg.events.onMessage(message, text, null)
  }

  answer(leg: SharedLeg, { id, body }: ResponseMessage): void {
    if (id === null || this.#asked.get(id)?.leg !== leg) return
    this.#asked.delete(id)
    this.send(body)
  }

  progress(leg: SharedLeg, { params, body }: NotificationMessage): void {
    const token = params?.progressToken
    const isAsked = [...this.#asked.values()].some(asked => asked.leg === leg && asked.token === token)
    if (token !== undefined && isAsked) this.send(body)
  }

  leave(leg: SharedLeg): void {
    for (const [id, asked] of this.#asked) {
      if (asked.leg !== leg) continue
      this.#asked.delete(id)
      this.#refuse(id, -32_000, 'The client has gone.')
    }
  }

  /** The child has ended, and its questions with it. */
  clear(): void {
    this.#asked.clear()
  }

  #refuse(id: RequestId, code: number, message: string): void {
    this.send(errorMessage(id, { code, message }))
  }
}
