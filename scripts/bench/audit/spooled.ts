import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { appendFileSync, mkdirSync } from 'node:fs'
import { uuidv7 } from '@/lib/db/uuid'
import { encodeLine } from '@/proxy/spool-line'
import { segmentFile } from '@/proxy/spool-segment'
import { IDENTITIES, SERVERS, TOOLS } from './like-life'

const LINES_A_SEGMENT = 60_000
const hex = (text: string) => createHash('sha256').update(text).digest('hex')

/** Draws ranks by Zipf's law. */
function zipf(count: number): () => number {
  const sums: number[] = []
  for (let rank = 0; rank < count; rank++) sums.push((sums[rank - 1] ?? 0) + 1 / (rank + 1))
  const all = sums[count - 1] ?? 1
  return () => {
    const at = Math.random() * all
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < at) low = middle + 1
      else high = middle
    }
    return low
  }
}

export interface Spooled {
  readonly calls: number
  /** Decisions and outcomes. */
  readonly records: number
  readonly bytes: number
}

/**
 * Writes the spool of a proxy that took `calls` calls in `seconds` and could not ship them: each decided, the forwarded ones
 * answered a little later, in the order in which a proxy would have written them.
 */
export function writeSpool(directory: string, calls: number, seconds: number): Spooled {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const [tool, identity] = [zipf(TOOLS), zipf(IDENTITIES)]
  const place = { chain: randomUUID(), sequence: 0 }
  const began = Date.now() - seconds * 1000
  let [segment, lines, bytes, buffered] = [1, 0, 0, [] as Buffer[]]
  const flush = () => {
    appendFileSync(segmentFile(directory, segment), Buffer.concat(buffered), { mode: 0o600 })
    buffered = []
  }
  const write = (kind: 'a' | 'd' | 'o', record: object) => {
    place.sequence += 1
    const line = encodeLine(kind, JSON.stringify({ ...record, ...place, hash: randomBytes(32).toString('hex') }))
    buffered.push(line)
    bytes += line.length
    lines += 1
    if (buffered.length >= 1_000) flush()
    if (lines % LINES_A_SEGMENT === 0) {
      flush()
      segment += 1
    }
  }
  const underWay: object[] = []
  for (let n = 0; n < calls; n++) {
    const call = callAt(began + (n / calls) * seconds * 1000, n, tool(), identity())
    write(call.effect === 'allow' ? 'a' : 'd', call)
    if (call.effect === 'allow') underWay.push(outcomeOf(call))
    if (underWay.length > 50) write('o', underWay.shift() ?? {})
  }
  for (const outcome of underWay) write('o', outcome)
  flush()
  return { calls, records: lines, bytes }
}

function callAt(timeMs: number, n: number, tool: number, identity: number) {
  const isRefused = Math.random() < 0.03
  const at = Math.floor(timeMs)
  const why = { policy: 'server-1', rule: 'tool#1', line: 12, effect: 'deny', code: 'policy_denied', message: 'No.' }
  return {
    id: uuidv7(at),
    time: new Date(at).toISOString(),
    record_version: 1,
    proxy: 'proxy-1',
    identity_id: randomUUID(),
    identity: `agent-${identity}`,
    key_prefix: `ik_${hex(`k${identity}`).slice(0, 8)}`,
    session: `s_${hex(`${identity} ${Math.floor(at / 1_800_000)}`).slice(0, 20)}`,
    client_name: `client-${identity % 5}`,
    client_version: '1.0',
    server: `server-${tool % SERVERS}`,
    method: 'tools/call',
    tool: `tool_${tool}`,
    category: 'Read',
    risk: 'low',
    effect: isRefused ? 'deny' : 'allow',
    shadow_effect: null,
    code: isRefused ? 'policy_denied' : null,
    rule: `tool_${tool}#${identity % 3}`,
    line: 12,
    policy: `server-${tool % SERVERS}`,
    message: isRefused ? 'Denied by rule "tool#1"' : null,
    reasons: isRefused ? [{ ...why, conditions: [] }] : [],
    obligations: [],
    revision: 130,
    definition_digest: hex(`d${tool}`),
    arguments: {
      action: ['query', 'signal', 'update', 'list'][n % 4],
      executionId: `wf-${n}`,
      tenant: `t${identity}`,
      limit: n % 100,
      query: `find the ${n} orders of ${randomBytes(4).toString('hex')} that were paid late`,
    },
    masked_paths: [],
    argument_digest: hex(`a${n}`),
    request_id: String(n),
    trace_id: randomBytes(16).toString('hex'),
    decided_in_us: 90,
  }
}

function outcomeOf({ id, time }: { id: string; time: string }) {
  const answer = { kind: 'result', is_error: false, status: null, duration_ms: 12.5, result_bytes: 1200, error: null }
  return { decision_id: id, decision_time: time, record_version: 1, ...answer, recorded_at: time }
}
