import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from './testing'
import { uuidv7 } from './uuid'

// DESIGN §6, least privilege: what each role is refused, tried one by one against the migrated database.

let db: TestDatabase
let other: TestDatabase
const decision = {
  id: uuidv7(),
  time: new Date().toISOString(),
  record_version: 1,
  proxy: 'test',
  server: 'mistral',
  method: 'tools/call',
  tool: 'workflow_interact',
  effect: 'deny',
  code: 'policy_denied',
}
const outcome = {
  decision_id: decision.id,
  decision_time: decision.time,
  record_version: 1,
  kind: 'result',
  recorded_at: decision.time,
}
const recordCalls = `SELECT record_calls('${JSON.stringify([decision])}', '${JSON.stringify([outcome])}')`

/** Runs one statement on a connection of its own and gives its rows, or throws what Postgres said. */
async function run(url: string, statement: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

const refused = { code: '42501' } // insufficient_privilege

beforeAll(async () => {
  ;[db, other] = [await testDatabase(), await testDatabase()]
  await run(db.proxyUrl, recordCalls)
  await run(
    db.consoleUrl,
    `INSERT INTO changes (id, actor_kind, actor, action, entity, entity_id, label)
     VALUES ('${uuidv7()}', 'cli', 'me', 'server.add', 'server', '1', 'mistral')`,
  )
})
afterAll(async () => {
  await db.close()
  await other.close()
})

const records = [
  'decisions',
  'decisions_default',
  'outcomes',
  'outcomes_default',
  'checkpoints',
  'quarantine',
  'timestamps',
  'retention_statements',
  'proxy_chains',
  'changes',
]
const immutable = [...records, 'revisions', 'bundles']
const destroy = (table: string) => [
  `DELETE FROM ${table}`,
  `TRUNCATE ${table} CASCADE`,
  `DROP TABLE ${table} CASCADE`,
  `ALTER TABLE ${table} RENAME TO gone`,
  `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
]
const update: Record<string, string> = {
  decisions: "UPDATE decisions SET effect = 'allow'",
  decisions_default: "UPDATE decisions_default SET effect = 'allow'",
  outcomes: "UPDATE outcomes SET kind = 'unknown'",
  outcomes_default: "UPDATE outcomes_default SET kind = 'unknown'",
  checkpoints: "UPDATE checkpoints SET hash = ''",
  quarantine: "UPDATE quarantine SET record = ''",
  timestamps: "UPDATE timestamps SET token = ''",
  retention_statements: "UPDATE retention_statements SET digest = ''",
  proxy_chains: 'UPDATE proxy_chains SET answered_to = 0',
  maintenance: 'UPDATE maintenance SET published_to = 0',
  changes: "UPDATE changes SET actor = 'nobody'",
  revisions: "UPDATE revisions SET text = ''",
  bundles: "UPDATE bundles SET policies = '[]'",
  decision_hours: 'UPDATE decision_hours SET count = 0',
  decision_tool_hours: 'UPDATE decision_tool_hours SET count = 0',
  decision_tool_days: 'UPDATE decision_tool_days SET count = 0',
  decision_identity_hours: 'UPDATE decision_identity_hours SET count = 0',
  decision_identity_days: 'UPDATE decision_identity_days SET count = 0',
  record_batches: 'UPDATE record_batches SET records = 0',
}
const insertRecords = [
  `INSERT INTO decisions (id, time, record_version, proxy, server, method, effect, reasons, obligations, masked_paths)
   VALUES ('${uuidv7()}', now(), 1, 'forged', 'mistral', 'tools/call', 'allow', '[]', '[]', '{}')`,
  `INSERT INTO outcomes (decision_id, decision_time, record_version, kind, recorded_at) VALUES ('${uuidv7()}', now(), 1, 'result', now())`,
]
const insertSigned = [
  `INSERT INTO proxy_chains (chain, proxy) VALUES ('${uuidv7()}', 'forged')`,
  `INSERT INTO checkpoints (digest, version, proxy, chain, sequence, hash, time, key, signature)
   VALUES ('x', 1, 'forged', '${uuidv7()}', 1, '', now(), '', '')`,
  "INSERT INTO quarantine (digest, kind, record, error) VALUES ('x', 'decision', '{}', '')",
  "INSERT INTO timestamps (digest, checkpoint, time, token) VALUES ('x', 'x', now(), '')",
  `INSERT INTO retention_statements (number, digest, time, from_time, to_time, decisions, outcomes, content)
   VALUES (1, 'x', now(), now(), now(), 0, 0, '{}')`,
]
const closed = [
  'CREATE TABLE mine (id int)',
  'CREATE TEMP TABLE decisions (id int)',
  'SELECT ensure_partitions(1)',
  'SELECT drop_ended_counters()',
  'SET ROLE intercept_owner',
  'SET session_replication_role = replica',
]

describe('the proxy', () => {
  const accounts = ['members', 'sessions', 'one_time_links', 'attempts', 'policies', 'revisions', 'changes']
  const people = ['early_access_requests', 'contact_messages']
  test.each([
    ...immutable.flatMap(destroy),
    ...Object.values(update),
    ...insertRecords,
    ...insertSigned,
    ...[...accounts, ...people, 'decisions', 'outcomes', 'checkpoints', 'quarantine', 'timestamps', 'counters'].map(
      table => `SELECT * FROM ${table}`,
    ),
    "INSERT INTO grants (id, identity_id, server_id, tools, created_by) SELECT id, id, id, '{*}', 'me' FROM identities",
    'UPDATE keys SET revoked_at = NULL',
    'UPDATE tools SET pinned_digest = seen_digest',
    'UPDATE counters SET used = 0',
    'UPDATE enforcement_version SET version = 0',
    ...closed,
  ])('is refused: %s', async statement => {
    await expect(run(db.proxyUrl, statement)).rejects.toMatchObject(refused)
  })

  test.each(['servers', 'tools', 'definitions', 'bundles', 'enforcement_version', 'identities', 'keys', 'grants'])(
    'reads %s',
    async table => {
      expect(await run(db.proxyUrl, `SELECT * FROM ${table}`)).toBeInstanceOf(Array)
    },
  )
})

describe('the console', () => {
  test.each([
    ...immutable.flatMap(destroy),
    ...Object.values(update),
    ...insertRecords,
    ...insertSigned,
    recordCalls,
    "SELECT record_checkpoints('[]')",
    "SELECT quarantine_record('decision', '{}', '', NULL, NULL)",
    'UPDATE definitions SET content = NULL',
    'DELETE FROM definitions',
    'DELETE FROM decision_hours',
    'UPDATE counters SET used = 0',
    `SELECT proxy_heartbeat('{}')`,
    ...closed,
  ])('is refused: %s', async statement => {
    await expect(run(db.consoleUrl, statement)).rejects.toMatchObject(refused)
  })

  test('reads the record, which nothing above has changed', async () => {
    expect(await run(db.consoleUrl, 'SELECT id, effect FROM decisions')).toEqual([{ id: decision.id, effect: 'deny' }])
    expect(await run(db.consoleUrl, 'SELECT kind FROM outcomes')).toEqual([{ kind: 'result' }])
    expect(await run(db.consoleUrl, 'SELECT actor FROM changes')).toEqual([{ actor: 'me' }])
    expect(await run(db.consoleUrl, 'SELECT count FROM decision_hours')).toEqual([{ count: '1' }])
  })
})

describe('the right to connect', () => {
  const at = (url: string, database: string) =>
    Object.assign(new URL(url), { pathname: new URL(database).pathname }).href

  test.each(['consoleUrl', 'proxyUrl'] as const)('is given by database, though %s is of a shared group', async role => {
    await expect(run(at(other[role], db.ownerUrl), 'SELECT 1')).rejects.toMatchObject(refused)
    expect(await run(other[role], 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('needs the password', async () => {
    const url = Object.assign(new URL(db.consoleUrl), { password: 'guessed' }).href
    await expect(run(url, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  })
})
