import type pg from 'pg'

/** How many calls a day a bench makes, and for how many days; what is around them is like life. */
export interface Extent {
  readonly days: number
  readonly callsPerDay: number
}

export const TOOLS = 300
export const IDENTITIES = 200
export const SERVERS = 12

/** Share of the whole of each of `count` ranks under Zipf's law, summed up: where a random number falls says the rank. */
function zipf(count: number): string {
  const sums: number[] = []
  for (let rank = 0; rank < count; rank++) sums.push((sums[rank - 1] ?? 0) + 1 / (rank + 1))
  const all = sums[count - 1] ?? 1
  return `'{${sums.map(sum => (sum / all).toFixed(9)).join(',')}}'::float8[]`
}

/**
 * Calls of one day: zipf over 300 tools of 12 servers and over 200 identities, 3 % refused, written out of order by up to
 * five minutes. Every thing that a filter names has common and rare values, and some that were only there long ago.
 * `$1` start of the day, `$2` calls, `$3` number of the day.
 */
const calls = `
  SELECT *, substr(md5(n::text || 'h'), 1, 32) AS h FROM (
    SELECT n, ($1::timestamptz + (n * 86400000.0 / $2 + random() * 300000) * interval '1 millisecond')::timestamptz(3) AS time,
      least(width_bucket(random(), ${zipf(TOOLS)}), ${TOOLS - 1}) AS tool,
      least(width_bucket(random(), ${zipf(IDENTITIES)}), ${IDENTITIES - 1}) AS identity,
      random() AS fate, random() AS odd
    FROM generate_series(1, $2::int) n OFFSET 0) c
  WHERE time < $1::timestamptz + interval '1 day'`

const id = `(lpad(to_hex((extract(epoch FROM time) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text || odd::text), 1, 3)
  || '8' || substr(md5(odd::text || n::text), 1, 15))::uuid`

const refusals = `CASE WHEN fate < .012 THEN 'policy_denied' WHEN fate < .018 THEN 'default_deny' WHEN fate < .023 THEN 'rate_limited'
  WHEN fate < .026 THEN 'no_grant' WHEN fate < .0275 THEN 'invalid_arguments' WHEN fate < .0295 THEN 'approval_required'
  WHEN fate < .03 THEN CASE WHEN odd < .02 THEN 'malformed' ELSE 'definition_drift' END END`

const decisions = `
  INSERT INTO decisions (id, time, record_version, proxy, identity_id, identity, key_prefix, session, client_name, client_version, server,
    method, tool, category, risk, effect, code, rule, line, policy, message, reasons, obligations, revision, definition_digest, arguments,
    masked_paths, argument_digest, request_id, trace_id, decided_in_us, chain, sequence, hash)
  SELECT ${id}, time, 1, 'proxy-' || n % 2, md5('i' || identity)::uuid, 'agent-' || identity, 'ik_' || substr(md5('k' || identity), 1, 8),
    's_' || substr(md5(identity::text || floor(extract(epoch FROM time) / 1800)::text), 1, 20),
    CASE WHEN odd < .0001 THEN 'rare-client' ELSE 'client-' || identity % 5 END, '1.' || identity % 7, 'server-' || tool % ${SERVERS},
    CASE WHEN odd > .9999 THEN 'resources/read' ELSE 'tools/call' END, 'tool_' || tool,
    (ARRAY['Read','Read','Read','Write','Execute','Destructive'])[tool % 6 + 1],
    (ARRAY['low','low','low','medium','high','critical'])[tool % 6 + 1],
    CASE WHEN code IS NULL THEN 'allow' WHEN code = 'approval_required' THEN 'require_approval' ELSE 'deny' END, code,
    CASE WHEN code IN ('no_grant', 'malformed') THEN NULL ELSE 'tool_' || tool || '#' || identity % 3 END, 1 + tool % 90,
    CASE WHEN code IN ('no_grant', 'malformed') THEN NULL WHEN odd < .01 THEN '*' ELSE 'server-' || tool % ${SERVERS} END,
    CASE WHEN code IS NOT NULL THEN 'Denied by rule "tool_' || tool || '#' || identity % 3 || '"' END,
    CASE WHEN code IS NULL THEN '[]' ELSE '[{"policy":"server-1","rule":"tool#1","line":12,"effect":"deny","code":"policy_denied","message":"No.","conditions":[]}]' END::jsonb,
    '[]', 100 + $3::int, substr(md5('d' || tool), 1, 32) || substr(md5('e' || tool), 1, 32),
    jsonb_build_object('action', (ARRAY['query','signal','update','list'])[1 + n % 4], 'executionId', 'wf-' || n || '-' || $3::int,
      'tenant', 't' || identity, 'limit', n % 100,
      'query', 'find the ' || substr(h, 1, 6) || ' orders of ' || substr(h, 7, 8) || CASE WHEN n % 200000 = 7 THEN ' quicksilver' ELSE '' END || ' that were paid late'),
    '{}', h || h, n::text, h, 80 + (odd * 100)::int,
    md5('chain' || n % 2)::uuid, $3::bigint * 1000000 + n, decode(h || h, 'hex')
  FROM (SELECT *, ${refusals} AS code FROM (${calls}) c) c`

const outcomes = `
  INSERT INTO outcomes (decision_id, decision_time, record_version, kind, is_error, duration_ms, result_bytes, recorded_at, chain, sequence, hash)
  SELECT id, time, 1, 'result', sequence % 50 = 0, 5 + sequence % 300, 200 + sequence % 5000, time + interval '30 ms', chain, sequence + 500000, hash
  FROM decisions WHERE time >= $1 AND time < $1::timestamptz + interval '1 day' AND effect = 'allow'`

/** Roll-ups of what is there, as `record_calls` would have kept them. */
const rollUps = [
  ['decision_hours', 'hour, server', 'true'],
  ['decision_tool_hours', 'hour, server, tool', 'tool IS NOT NULL'],
  ['decision_tool_days', 'day, server, tool', 'tool IS NOT NULL'],
  ['decision_identity_hours', 'hour, identity', 'true'],
  ['decision_identity_days', 'day, identity', 'true'],
] as const

/** Fills one day on the server itself. @param number of the day, from 0 */
export async function fillDay(client: pg.Client, start: Date, number: number, callsPerDay: number): Promise<void> {
  await client.query(decisions, [start, callsPerDay, number])
  await client.query(outcomes, [start])
}

export async function fillRollUps(client: pg.Client): Promise<void> {
  for (const [table, columns, where] of rollUps)
    await client.query(
      `INSERT INTO ${table} (${columns}, effect, count) SELECT ${columns}, effect, count(*)
       FROM (SELECT date_trunc('hour', time, 'UTC') AS hour, date_trunc('day', time, 'UTC') AS day, server, tool,
           coalesce(identity, '') AS identity, CASE WHEN code = 'rate_limited' THEN code ELSE effect END AS effect
         FROM decisions WHERE ${where}) d GROUP BY ${columns}, effect`,
    )
}
