import type { Asked, Caller } from './asked'
import type { RecordedCall } from './decision-writer'
import type { Subject } from './judge'

/** A call as its decision record has it. @param subject null where no server or bundle is known */
export function recordedCall(
  caller: Caller,
  asked: Asked,
  subject: Subject | null,
  digest: string | null,
): RecordedCall {
  return {
    caller: {
      identityId: caller.identity.id,
      identity: caller.identity.name,
      keyPrefix: caller.keyPrefix,
      session: caller.sessionId,
      clientName: caller.clientName,
      clientVersion: caller.clientVersion,
    },
    server: caller.server,
    method: asked.method,
    name: asked.name,
    args: asked.args,
    requestId: asked.requestId,
    traceId: asked.traceId,
    serverSettings: subject?.server ?? null,
    tool: subject?.tool ?? null,
    definition: subject?.tool?.pinned ?? null,
    definitionDigest: digest,
    revision: subject?.enforcement.revision ?? null,
    decidedInUs: Math.round((performance.now() - asked.readAt) * 1000),
  }
}
