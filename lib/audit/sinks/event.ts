import { isJsonObject, type JsonObject, type JsonValue, readJson } from '@/lib/policy'
import { canonicalOf, canonicalRecord, type LinkKind, sha256 } from '../chain'

/** Version of the events' shape; receivers look here first. docs/sinks.md describes it. */
export const EVENT_VERSION = 1

/** A record on its way out: one link of its proxy's chain, so that a receiver can verify what it keeps. */
export interface SinkEvent {
  /** The decision's id, or `<decision id>/outcome`: an event that comes twice has the same one. */
  readonly id: string
  readonly kind: LinkKind
  readonly chain: string
  readonly sequence: number
  readonly time: Date
  /** Of the decision, also for its outcome; null where the record stands in quarantine. */
  readonly proxy: string | null
  readonly server: string | null
  readonly effect: string | null
  /** The record's members; null where it stands in quarantine. */
  readonly record: JsonObject | null
  /** The whole event as one line of JSON, without a line break. */
  readonly text: string
  /** The same without the record, for a receiver that takes no line as long. */
  readonly bare: string
}

/** A link as Postgres gives it; `record` is null where nobody wants it. */
export interface StoredLink {
  readonly kind: LinkKind
  readonly sequence: number
  readonly hash: string
  readonly id: string
  readonly time: Date
  readonly proxy: string | null
  readonly server: string | null
  readonly effect: string | null
  readonly record: string | null
  readonly quarantined: boolean
}

const LIMITS = { maxLength: 64 * 1024 * 1024, maxDepth: 1_000 }

/** @param withArguments whether arguments, as stored, go along */
export function eventOf(chain: string, link: StoredLink, withArguments: boolean): SinkEvent {
  const { kind, sequence, hash, time, proxy, server, effect, quarantined } = link
  const id = link.kind === 'decision' ? link.id : `${link.id}/outcome`
  const { digest, record, text } = quarantined
    ? inQuarantine(link.record ?? '')
    : shown(link.record ?? '', withArguments)
  const head = JSON.stringify({
    intercept_event: EVENT_VERSION,
    id,
    kind,
    time,
    proxy,
    server,
    effect,
    ...(quarantined ? { quarantined } : {}),
    chain,
    sequence,
    hash,
    digest,
  }).slice(0, -1)
  const shared = { id, kind, chain, sequence, time, proxy, server, effect, record }
  return { ...shared, text: `${head},"record":${text ?? 'null'}}`, bare: `${head},"record":null}` }
}

/** The event with a mark of its own, for trying a sink out: no record of anything, at no place of any chain. */
export function testEvent(id: string, sink: string, now: Date): SinkEvent {
  const head = `{"intercept_event":${EVENT_VERSION},"id":"${id}","kind":"test","time":"${now.toISOString()}","sink":${JSON.stringify(sink)}`
  const text = `${head},"record":null}`
  const nothing = { proxy: null, server: null, effect: null, record: null }
  return { id, kind: 'decision', chain: id, sequence: 0, time: now, ...nothing, text, bare: text }
}

/** What a record that the tables refused leaves in the chain: its digest, since its text may be anything. */
function inQuarantine(stored: string): { digest: string | null; record: null; text: null } {
  try {
    return { digest: sha256(canonicalRecord(stored)), record: null, text: null }
  } catch {
    return { digest: null, record: null, text: null }
  }
}

function shown(stored: string, withArguments: boolean) {
  const reading = readJson(stored, LIMITS)
  if (!reading.ok || !isJsonObject(reading.value)) throw new Error('A stored record is no JSON object.')
  const whole = reading.value
  const canonical = canonicalOf(whole)
  const digest = sha256(canonical)
  const record = withArguments ? whole : withoutArguments(whole)
  return { digest, record, text: record === whole ? canonical : canonicalOf(record) }
}

/** Without arguments, nor what conditions found in them; `message` holds none. */
function withoutArguments(record: JsonObject): JsonObject {
  const { arguments: given = null, reasons } = record
  const hasReasons = Array.isArray(reasons) && reasons.length > 0
  if (given === null && !hasReasons) return record
  const { arguments: _left, ...rest } = record
  return hasReasons ? { ...rest, reasons: reasons.map(withoutFound) } : rest
}

function withoutFound(reason: JsonValue): JsonValue {
  if (!isJsonObject(reason) || !Array.isArray(reason.conditions)) return reason
  const conditions = reason.conditions.map(condition => {
    if (!isJsonObject(condition) || !String(condition.path).startsWith('args.')) return condition
    const { was: _was, ...rest } = condition
    return rest
  })
  return { ...reason, conditions }
}
