import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import { prefixedUri } from './aggregate-names'
import type { Downstream } from './downstream'
import { frameOf, type RequestId, type RequestMessage, readUpstreamMessage } from './messages'
import type { Session } from './session'
import type { SessionStreams } from './session-streams'

/** A name that several servers may use at once, under one that is the client's alone. */
interface Origin {
  readonly member: AggregateMember
  readonly own: RequestId
}

/** Names of each kind that are kept; past it the oldest is forgotten, which nobody has answered for long. */
const MAX_KEPT = 1_024

/** Ids and progress tokens that servers made, as the client of an aggregate session knows them. */
export class ServerIds {
  readonly requests = new Map<RequestId, Origin>()
  readonly tokens = new Map<RequestId, Origin>()
  #count = 0

  request(member: AggregateMember, own: RequestId): RequestId {
    const id = `${member.slug}-${++this.#count}`
    keep(this.requests, id, { member, own })
    return id
  }

  token(member: AggregateMember, own: RequestId): RequestId {
    const token = `${member.slug}-${++this.#count}`
    keep(this.tokens, token, { member, own })
    return token
  }

  /** What the client calls a request of this server. */
  known(member: AggregateMember, own: RequestId): RequestId | null {
    for (const [id, origin] of this.requests) if (origin.member === member && origin.own === own) return id
    return null
  }

  forget(member: AggregateMember): void {
    for (const map of [this.requests, this.tokens])
      for (const [id, origin] of map) if (origin.member === member) map.delete(id)
  }
}

function keep(map: Map<RequestId, Origin>, id: RequestId, origin: Origin): void {
  map.set(id, origin)
  const [oldest] = map.keys()
  if (map.size > MAX_KEPT && oldest !== undefined) map.delete(oldest)
}

/** One server's part of an aggregate session: its way to the client, on which names of its own become the client's. */
export class AggregateMember implements Downstream {
  /** Set at once, so that what is only beginning can be ended. */
  beginning: Session | null = null
  /** Set when the session has begun, and never changed. */
  session: Session | null = null
  capabilities: JsonObject = {}

  constructor(
    readonly slug: string,
    private readonly streams: SessionStreams,
    private readonly ids: ServerIds,
    private readonly onClose: (member: AggregateMember) => void,
  ) {}

  send(text: string, request: RequestId | null): void {
    const message = readUpstreamMessage(text)
    if (message.kind === 'request') this.streams.send(this.#renamed(message), request)
    else if (message.kind === 'notification') this.#notify(text, message.method, message.params ?? {}, request)
  }

  keepAlive(): void {
    // The streams are the aggregate session's, which keeps them alive.
  }

  close(): void {
    this.ids.forget(this)
    this.onClose(this)
  }

  #isOwnCall(progressToken: JsonValue | undefined): boolean {
    return (this.session?.pending.byProgressToken(progressToken) ?? null) !== null
  }

  #renamed({ id, body, params }: RequestMessage): string {
    const renamed = { ...body, id: this.ids.request(this, id) }
    const meta = params?._meta
    const token = isJsonObject(meta) ? meta.progressToken : undefined
    if (!isId(token)) return frameOf(renamed)
    const _meta = { ...(meta as JsonObject), progressToken: this.ids.token(this, token) }
    return frameOf({ ...renamed, params: { ...params, _meta } })
  }

  #notify(text: string, method: string, params: JsonObject, request: RequestId | null): void {
    const { requestId, uri, progressToken } = params
    // Tokens are the client's, and known to the server that has the call: another must not report on it.
    const isForged = method === 'notifications/progress' && !this.#isOwnCall(progressToken)
    if (isForged) return
    if (method === 'notifications/cancelled' && isId(requestId)) {
      const known = this.ids.known(this, requestId)
      if (known !== null) this.streams.send(notification(method, { ...params, requestId: known }), request)
    } else if (method === 'notifications/resources/updated' && typeof uri === 'string')
      this.streams.send(notification(method, { ...params, uri: prefixedUri(this.slug, uri) }), request)
    else this.streams.send(text, request)
  }
}

function notification(method: string, params: JsonObject): string {
  return frameOf({ jsonrpc: '2.0', method, params })
}

export function isId(value: JsonValue | undefined): value is RequestId {
  return typeof value === 'string' || typeof value === 'number'
}
