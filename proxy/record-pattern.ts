import { canonicalText } from '@/lib/audit/canonical-text'
import type { DecisionRecord } from '@/lib/audit/model'
import type { Reason } from '@/lib/policy'
import type { CallDecision } from './call-decision'
import type { RecordedCall, RecordedCaller } from './decision-writer'

/** Members of a decision record that are others in the next call, however alike it is; in canonical order. */
const VARYING = [
  'argument_digest',
  'arguments',
  'decided_in_us',
  'id',
  'masked_paths',
  'request_id',
  'time',
  'trace_id',
] as const

export type Varying = Pick<DecisionRecord, (typeof VARYING)[number]>
/** What the records of calls that are alike have in common. */
export type Fixed = Omit<DecisionRecord, keyof Varying>

/**
 * The canonical form of records that are alike: what they have in common is written once. For calls whose arguments are
 * recorded as they came, which nearly all are.
 */
export class RecordPattern {
  /** @param after what stands after each varying member, with a comma before each */
  private constructor(private readonly after: readonly string[]) {}

  /** null where a member takes more care than `canonicalText` takes. */
  static of(fixed: Fixed): RecordPattern | null {
    const after = VARYING.map(() => '')
    for (const [key, value] of Object.entries(fixed).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (value === null) continue
      const json = canonicalText(value)
      const place = VARYING.findLastIndex(varying => varying < key)
      if (json === undefined || place < 0) return null
      after[place] += `,"${key}":${json}`
    }
    return new RecordPattern(after)
  }

  /**
   * null where a member takes more care.
   * @param argumentsText the canonical form of the arguments
   */
  write(varying: Varying, argumentsText: string): string | null {
    const { argument_digest, decided_in_us, id, masked_paths, request_id, time, trace_id } = varying
    const request = memberText('request_id', request_id)
    const trace = memberText('trace_id', trace_id)
    const isPlain = request !== undefined && trace !== undefined && masked_paths.length === 0 && decided_in_us !== null
    if (!isPlain) return null
    const [a, b, c, d, e, f, g, h] = this.after
    return (
      `{"argument_digest":"${argument_digest}"${a},"arguments":${argumentsText}${b},"decided_in_us":${decided_in_us}${c}` +
      `,"id":"${id}"${d},"masked_paths":[]${e}${request}${f},"time":"${time}"${g}${trace}${h}}`
    )
  }
}

function memberText(key: string, value: string | null): string | undefined {
  if (value === null) return ''
  const json = canonicalText(value)
  return json === undefined ? undefined : `,"${key}":${json}`
}

const MAX_KEPT = 4_096
const MAX_PLACE_LENGTH = 256

interface Kept {
  readonly call: Pick<RecordedCall, 'caller' | 'server' | 'method' | 'name' | 'tool' | 'definitionDigest' | 'revision'>
  readonly decision: CallDecision
  readonly pattern: RecordPattern | null
}

/** The patterns of the calls that came last, by session, server and name. */
export class RecordPatterns {
  readonly #kept = new Map<string, Kept>()

  /**
   * The pattern of a call that is allowed by reasons without conditions; null for any other.
   * @param fixed the members that its record has in common with others
   */
  find(call: RecordedCall, decision: CallDecision, fixed: () => Fixed): RecordPattern | null {
    if (decision.effect !== 'allow' || decision.shadow || decision.reasons.some(hasConditions)) return null
    const place = `${call.caller.session ?? call.caller.keyPrefix} ${call.server} ${call.name}`
    const kept = this.#kept.get(place)
    if (kept && isAlike(kept, call, decision)) return kept.pattern
    const pattern = RecordPattern.of(fixed())
    if (place.length <= MAX_PLACE_LENGTH) this.#keep(place, call, decision, pattern)
    return pattern
  }

  #keep(place: string, call: RecordedCall, decision: CallDecision, pattern: RecordPattern | null): void {
    const { caller, server, method, name, tool, definitionDigest, revision } = call
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear()
    const kept = { caller, server, method, name, tool, definitionDigest, revision }
    this.#kept.set(place, { call: kept, decision, pattern })
  }
}

function hasConditions({ conditions }: Reason): boolean {
  return conditions !== undefined
}

/** Whether all is the same that the fixed members are made of. What opens calls, and what they owe, are the same objects. */
function isAlike(kept: Kept, call: RecordedCall, decision: CallDecision): boolean {
  return (
    isSameCaller(kept.call.caller, call.caller) &&
    kept.call.server === call.server &&
    kept.call.method === call.method &&
    kept.call.name === call.name &&
    kept.call.tool === call.tool &&
    kept.call.definitionDigest === call.definitionDigest &&
    kept.call.revision === call.revision &&
    kept.decision.code === decision.code &&
    kept.decision.message === decision.message &&
    isSameList(kept.decision.reasons, decision.reasons) &&
    isSameList(kept.decision.obligations, decision.obligations)
  )
}

function isSameCaller(one: RecordedCaller, other: RecordedCaller): boolean {
  return (
    one.identityId === other.identityId &&
    one.identity === other.identity &&
    one.keyPrefix === other.keyPrefix &&
    one.session === other.session &&
    one.clientName === other.clientName &&
    one.clientVersion === other.clientVersion
  )
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false
  return true
}
