import { randomUUID } from 'node:crypto'
import { isJsonObject, type JsonObject } from '@/lib/policy'
import { type EnforcedServer, grantsOf } from '../enforcement'
import type { Downstream } from './downstream'
import { errorMessage, frameOf, type RequestMessage, resultMessage } from './messages'
import { replyText } from './outcomes'
import type { Reply } from './pending'
import { Session } from './session'
import type { Bearer, SessionParts } from './session-parts'
import { TooManyChildren, UpstreamRefused } from './upstream'
import type { Upstreams } from './upstreams'
import { PROTOCOL_VERSIONS } from './versions'

const START_MS = 60_000

/** Whose session with which server, and the way back to its client. */
export interface Opening<Way extends Downstream> {
  readonly key: Bearer
  readonly server: EnforcedServer
  /** A new one when left out. */
  readonly sessionId?: string
  /** @param isPrimed whether the client reads the empty event that makes a stream resumable from its start */
  readonly openWay: (sessionId: string, isPrimed: boolean) => Way
  /** Called before anything is started, so that what is only beginning is counted, and ends with the proxy. */
  readonly onBegin: (session: Session<Way>) => void
}

export interface Beginning<Way extends Downstream> {
  /** null when it could not begin; `text` says why. */
  readonly session: Session<Way> | null
  /** The answer to `initialize`, JSON on one line. */
  readonly text: string
}

/**
 * Begins a session: opens the upstream and passes `initialize` to it. An identity without a live grant on the server starts
 * nothing: it gets a session in which nothing is available.
 */
export async function beginSession<Way extends Downstream>(
  parts: SessionParts,
  upstreams: Upstreams,
  opening: Opening<Way>,
  message: RequestMessage,
): Promise<Beginning<Way>> {
  const { key, server } = opening
  const session = newSession(parts, opening, message)
  opening.onBegin(session)
  const enforcement = parts.enforcement()
  const isGranted = enforcement !== null && grantsOf(enforcement, key.identityId, server, Date.now()).length > 0
  if (!isGranted) return { session, text: frameOf(resultMessage(message.id, emptyServer(server, message))) }
  try {
    session.attach(upstreams.open(server, key.identityId, session.events))
  } catch (error) {
    if (error instanceof TooManyChildren) await parts.refuseStart(session, message, error.message)
    const problem = error instanceof UpstreamRefused ? error.message : `The server ${server.slug} could not be started.`
    return failed(session, frameOf(errorMessage(message.id, { code: -32_000, message: problem })))
  }
  const reply = await within(session.ask(message), START_MS, () => session.close('The server did not answer in time.'))
  const result = reply.kind === 'response' ? reply.message.body.result : undefined
  if (!isJsonObject(result)) return failed(session, replyText(message.id, reply) ?? '')
  const version = result.protocolVersion
  if (typeof version !== 'string' || !(PROTOCOL_VERSIONS as readonly string[]).includes(version)) {
    const problem = 'The server chose a protocol version that this proxy does not carry.'
    return failed(session, frameOf(errorMessage(message.id, { code: -32_000, message: problem })))
  }
  session.settle(version)
  return { session, text: frameOf(resultMessage(message.id, announced(result))) }
}

function newSession<Way extends Downstream>(
  parts: SessionParts,
  { key, server, sessionId, openWay }: Opening<Way>,
  { params }: RequestMessage,
): Session<Way> {
  const id = sessionId ?? randomUUID()
  const client = isJsonObject(params?.clientInfo) ? params.clientInfo : {}
  const facts = {
    id,
    key,
    server,
    clientName: typeof client.name === 'string' ? client.name : null,
    clientVersion: typeof client.version === 'string' ? client.version : null,
  }
  // Older clients cannot read the empty event that makes a stream resumable from its start.
  const isPrimed = params?.protocolVersion === PROTOCOL_VERSIONS[0]
  return new Session(parts, facts, openWay(id, isPrimed))
}

/** The proxy itself tells clients when a policy or grant changes their list. */
function announced(result: JsonObject): JsonObject {
  const capabilities = isJsonObject(result.capabilities) ? result.capabilities : {}
  if (!isJsonObject(capabilities.tools)) return result
  return { ...result, capabilities: { ...capabilities, tools: { ...capabilities.tools, listChanged: true } } }
}

function emptyServer(server: EnforcedServer, { params }: RequestMessage): JsonObject {
  const wanted = params?.protocolVersion
  const known = PROTOCOL_VERSIONS.find(version => version === wanted)
  return {
    protocolVersion: known ?? PROTOCOL_VERSIONS[0],
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: server.slug, version: '0' },
  }
}

function failed(session: Session, text: string): { session: null; text: string } {
  void session.close('The session could not begin.')
  return { session: null, text }
}

async function within(reply: Promise<Reply>, ms: number, onLate: () => void): Promise<Reply> {
  const timer = setTimeout(onLate, ms)
  try {
    return await reply
  } finally {
    clearTimeout(timer)
  }
}
