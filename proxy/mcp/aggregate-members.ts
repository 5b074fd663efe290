import { isJsonObject, type JsonObject } from '@/lib/policy'
import { type EnforcedServer, type Enforcement, grantsOf } from '../enforcement'
import { AggregateMember, ServerIds } from './aggregate-member'
import { beginSession } from './begin-session'
import { type RequestId, type RequestMessage, readUpstreamMessage } from './messages'
import { ownId } from './pending'
import type { Session } from './session'
import type { SessionFacts, SessionParts } from './session-parts'
import type { SessionStreams } from './session-streams'
import { launchText } from './sessions'
import type { Upstreams } from './upstreams'

interface Joining {
  readonly member: AggregateMember
  /** Rejects with MemberFailed. */
  readonly begun: Promise<AggregateMember>
}

/** A server that cannot take part now; the message is for the caller. */
export class MemberFailed extends Error {}

/** The sessions with single servers that an aggregate session is made of, each begun when it is needed. */
export class AggregateMembers {
  readonly ids = new ServerIds()
  readonly #members = new Map<string, Joining>()
  #level: RequestMessage | null = null
  #isClosed = false

  /** @param initialize the client's own, which each server gets */
  constructor(
    private readonly parts: SessionParts,
    private readonly upstreams: Upstreams,
    private readonly facts: SessionFacts,
    private readonly streams: SessionStreams,
    private readonly initialize: RequestMessage,
  ) {}

  /** Servers that the identity may use. */
  granted(enforcement = this.parts.enforcement()): EnforcedServer[] {
    if (!enforcement) return []
    const now = Date.now()
    return [...enforcement.servers.values()].filter(
      server => grantsOf(enforcement, this.facts.key.identityId, server, now).length > 0,
    )
  }

  /** Visits the sessions that have begun; those that are beginning when they have. */
  async each(visit: (member: AggregateMember) => unknown): Promise<void> {
    await Promise.all([...this.#members.values()].map(({ begun }) => begun.then(visit).catch(() => undefined)))
  }

  /** The session with one server, begun when it is not there. @throws MemberFailed */
  join(server: EnforcedServer): Promise<AggregateMember> {
    const known = this.#members.get(server.slug)
    if (known) return known.begun
    const member = new AggregateMember(server.slug, this.streams, this.ids, closed => this.#forget(closed))
    const begun = this.#begin(member, server)
    this.#members.set(server.slug, { member, begun })
    begun.catch(() => this.#forget(member))
    return begun
  }

  #forget(member: AggregateMember): void {
    if (this.#members.get(member.slug)?.member === member) this.#members.delete(member.slug)
  }

  async #begin(member: AggregateMember, server: EnforcedServer): Promise<AggregateMember> {
    if (this.#isClosed) throw new MemberFailed('The session has ended.')
    const parts = { ...this.parts, onClose: () => undefined }
    const opening = {
      key: this.facts.key,
      server,
      sessionId: this.facts.id,
      openWay: () => member,
      onBegin: (beginning: Session) => {
        member.beginning = beginning
      },
    }
    const message = { ...this.initialize, ...withId(this.initialize, ownId()) }
    const { session, text } = await beginSession(parts, this.upstreams, opening, message)
    const answer = readUpstreamMessage(text)
    const { result, error } = answer.kind === 'malformed' ? {} : answer.body
    if (!session) throw new MemberFailed(saysOf(error) ?? `The server ${server.slug} could not be started.`)
    member.session = session
    member.capabilities = isJsonObject(result) && isJsonObject(result.capabilities) ? result.capabilities : {}
    session.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
    if (this.#isClosed) void session.close('The session has ended.')
    void this.#setLevel(member)
    return member
  }

  /** For each server that logs, now or later. */
  setLevel(message: RequestMessage): void {
    this.#level = message
    void this.each(member => this.#setLevel(member))
  }

  /** Ends the sessions with servers that may not be used any more, or are reached otherwise now. */
  review(enforcement: Enforcement): void {
    const granted = new Map(this.granted(enforcement).map(server => [server.slug, server]))
    void this.each(({ slug, session }) => {
      const [server, begunWith] = [granted.get(slug), session?.facts.server]
      const isSame = server && begunWith && server.id === begunWith.id && launchText(server) === launchText(begunWith)
      if (!isSame) void session?.close('The server is not available any more.')
    })
  }

  async close(reason: string): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#members.values()].map(({ member }) => member.beginning?.close(reason)))
  }

  async #setLevel(member: AggregateMember): Promise<void> {
    if (!this.#level || !isJsonObject(member.capabilities.logging)) return
    await member.session?.answer({ ...this.#level, ...withId(this.#level, ownId()) }, performance.now())
  }
}

function saysOf(error: unknown): string | null {
  const { message } = (error ?? {}) as JsonObject
  return typeof message === 'string' ? message : null
}

/** A message under another id. */
export function withId<M extends { body: JsonObject }>(
  { body }: M,
  id: RequestId,
): { id: RequestId; body: JsonObject } {
  return { id, body: { ...body, id } }
}
