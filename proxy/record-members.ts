import { isMaskedAt, maskValue } from '@/lib/audit/masking'
import { RECORD_VERSION } from '@/lib/audit/model'
import { MASK, maskSecrets } from '@/lib/audit/secret-shapes'
import type { ConditionReason, JsonValue, Reason } from '@/lib/policy'
import type { CallDecision } from './call-decision'
import type { RecordedCall } from './decision-writer'
import type { EnforcedServer } from './enforcement'
import type { Fixed } from './record-pattern'

const MAX_TEXT = 2_000
const MAX_NAME = 512
const MAX_REQUEST_ID = 256

/** What the record of a call has in common with those of calls that are alike. */
export function fixedMembers(
  proxy: string,
  { caller, ...call }: RecordedCall,
  decision: CallDecision,
  maskedPaths: string[],
): Fixed {
  const first = decision.reasons[0]
  const kept = call.serverSettings?.argumentsKept ?? 'masked'
  return {
    record_version: RECORD_VERSION,
    proxy,
    identity_id: caller.identityId,
    identity: caller.identity,
    key_prefix: caller.keyPrefix,
    session: caller.session && masked(caller.session, 256),
    client_name: caller.clientName && masked(caller.clientName, 200),
    client_version: caller.clientVersion && masked(caller.clientVersion, 100),
    server: call.server,
    method: masked(call.method, 128),
    tool: call.name === null ? null : masked(call.name, MAX_NAME),
    category: call.tool?.category ?? null,
    risk: call.tool?.risk ?? null,
    effect: decision.effect,
    shadow_effect: decision.shadow?.effect ?? null,
    code: decision.code,
    rule: first?.rule ?? null,
    // A reason of the enforcement point's own, such as a missing grant, stands in no document: line 0 of ''.
    line: first?.line || null,
    policy: first?.policy || null,
    message: decision.message === '' ? null : maskedText(decision.message),
    reasons: decision.reasons.map(reason => withoutArguments(reason, kept, maskedPaths)),
    obligations: decision.obligations as unknown as JsonValue[],
    revision: call.revision,
    definition_digest: call.definitionDigest,
  }
}

/** A sentence of a record. */
export function maskedText(text: string): string {
  return masked(text, MAX_TEXT)
}

export function requestIdText(id: string | number | null): string | null {
  return typeof id === 'string' ? masked(id, MAX_REQUEST_ID) : id === null ? null : String(id)
}

/** A reason names the values its conditions met; those of arguments are masked as the arguments are. */
function withoutArguments(reason: Reason, kept: EnforcedServer['argumentsKept'], maskedPaths: string[]): JsonValue {
  if (!reason.conditions) return maskValue(reason as unknown as JsonValue)
  const conditions = reason.conditions.map((condition): ConditionReason => {
    if (condition.was === undefined || !condition.path.startsWith('args.')) return condition
    const isGone = kept === 'none' || kept === 'keys' || isMaskedAt(condition.path, maskedPaths)
    return { ...condition, was: isGone ? MASK : condition.was }
  })
  return maskValue({ ...reason, conditions } as unknown as JsonValue)
}

/** Masked before it is cut, since half a secret has no shape any more. */
function masked(text: string, length: number): string {
  const safe = maskSecrets(text)
  return safe.length <= length ? safe : `${safe.slice(0, length - 1)}…`
}
