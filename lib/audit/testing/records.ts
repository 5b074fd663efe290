import pg from 'pg'
import type { Actor, Role } from '@/lib/auth/model'
import { sqlOver } from '@/lib/db/sql'
import { uuidv7 } from '@/lib/db/uuid'
import type { DecisionRecord, OutcomeRecord } from '../model'
import { recordCalls } from '../store'

/** A signed-in member for tests of reads. */
export function memberWith(...roles: Role[]): Actor {
  return { kind: 'member', id: '01a00000-0000-7000-8000-000000000001', name: 'reader', roles, source: '127.0.0.1' }
}

/** A decision record as a proxy would write it, with what the test says. */
export function decisionAt(timeMs: number, fields: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    id: uuidv7(timeMs),
    time: new Date(timeMs).toISOString(),
    record_version: 1,
    proxy: 'proxy-1',
    identity_id: null,
    identity: 'demo-agent',
    key_prefix: null,
    session: null,
    client_name: null,
    client_version: null,
    server: 'mistral',
    method: 'tools/call',
    tool: 'workflow_interact',
    category: 'Execute',
    risk: 'high',
    effect: 'allow',
    shadow_effect: null,
    code: null,
    rule: 'workflow_interact#1',
    line: 7,
    policy: 'mistral',
    message: null,
    reasons: [],
    obligations: [],
    revision: 1,
    definition_digest: null,
    arguments: { action: 'query' },
    masked_paths: [],
    argument_digest: null,
    request_id: null,
    trace_id: null,
    decided_in_us: 100,
    ...fields,
  }
}

export function outcomeOf(decision: DecisionRecord, fields: Partial<OutcomeRecord> = {}): OutcomeRecord {
  return {
    decision_id: decision.id,
    decision_time: decision.time,
    record_version: 1,
    kind: 'result',
    is_error: false,
    status: null,
    duration_ms: 31,
    result_bytes: 120,
    error: null,
    recorded_at: decision.time,
    ...fields,
  }
}

/** Records through the record's only door, with the proxy's role. */
export async function recordAs(
  proxyUrl: string,
  decisions: readonly DecisionRecord[],
  outcomes: readonly OutcomeRecord[] = [],
): Promise<void> {
  const pool = new pg.Pool({ connectionString: proxyUrl, max: 1 })
  try {
    await recordCalls(
      sqlOver(pool),
      decisions.map(decision => JSON.stringify(decision)),
      outcomes.map(outcome => JSON.stringify(outcome)),
    )
  } finally {
    await pool.end()
  }
}
