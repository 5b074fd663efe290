import type { SeenTool } from '@/lib/catalogue/definitions'
import type { DirectoryIdentity } from '@/lib/identity/model'
import type { JsonValue } from '@/lib/policy'
import type { RecordedCaller } from '../decision-writer'
import type { DefinitionReports } from '../definition-reports'
import type { Denial } from '../denial'
import type { Enforcer } from '../enforce'
import type { EnforcedServer, Enforcement } from '../enforcement'
import type { Log } from '../log'
import type { Refusals } from '../refusals'
import type { RequestMessage } from './messages'
import type { Session } from './session'

/** Whom a session belongs to: an identity, by the key that began it where there are keys. */
export interface Bearer {
  readonly identityId: string
  readonly identity: DirectoryIdentity
  readonly prefix: string | null
}

/** Who a session belongs to and what it was begun with. */
export interface SessionFacts {
  readonly id: string
  readonly key: Bearer
  /** As it was when the session began. */
  readonly server: EnforcedServer
  readonly clientName: string | null
  readonly clientVersion: string | null
}

/** The session that a message came in. */
type Spoken = Pick<Session, 'facts'>

/** What sessions share. */
export interface SessionParts {
  readonly enforcer: Enforcer
  readonly log: Log
  readonly enforcement: () => Enforcement | null
  /** Takes note of a whole list that an upstream gave. */
  reportDefinitions(server: EnforcedServer, tools: readonly JsonValue[], seen: readonly SeenTool[]): void
  refuseMalformed(session: Spoken, message: RequestMessage, problem: string): Promise<Denial>
  refuseUnknown(session: Spoken, message: RequestMessage): Promise<Denial>
  refuseTask(session: Spoken, message: RequestMessage, taskId: string): Promise<Denial>
  /** Records that a session could not begin, since as many children run as may. */
  refuseStart(session: Spoken, message: RequestMessage, problem: string): Promise<Denial>
  /** @param slug what the name leads to, as the caller wrote it; null when it leads nowhere */
  refuseUnreachable(session: Spoken, message: RequestMessage, slug: string | null, name: string): Promise<Denial>
  onClose(session: Session): void
}

interface Sources extends Pick<SessionParts, 'enforcer' | 'log' | 'enforcement' | 'onClose'> {
  readonly refusals: Refusals
  readonly reports: Pick<DefinitionReports, 'report'>
}

/** Ties sessions to the parts of the proxy. */
export function sessionParts({ refusals, reports, ...parts }: Sources): SessionParts {
  const known = ({ id, method, params }: RequestMessage) => ({ method, params: params ?? null, requestId: id })
  return {
    ...parts,
    reportDefinitions: (server, tools, seen) => reports.report(server.slug, tools, seen),
    refuseMalformed: (session, message, problem) =>
      refusals.malformed(recordedCaller(session), session.facts.server.slug, known(message), problem),
    refuseUnknown: (session, message) =>
      refusals.unknownMethod(recordedCaller(session), session.facts.server.slug, known(message)),
    refuseTask: (session, message, taskId) =>
      refusals.unknownTask(recordedCaller(session), session.facts.server.slug, known(message), taskId),
    refuseStart: (session, message, problem) =>
      refusals.overloaded(recordedCaller(session), session.facts.server.slug, known(message), problem),
    refuseUnreachable: (session, message, slug, name) =>
      refusals.unreachable(recordedCaller(session), slug, known(message), name),
  }
}

function recordedCaller({ facts }: Spoken): RecordedCaller {
  const { key, id, clientName, clientVersion } = facts
  const { id: identityId, name } = key.identity
  return { identityId, identity: name, keyPrefix: key.prefix, session: id, clientName, clientVersion }
}
