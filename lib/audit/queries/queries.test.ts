import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { uuidv7 } from '@/lib/db/uuid'
import type { FilterCondition, RecordFilter } from '../filter/model'
import type { TimeRange } from '../filter/range'
import type { DecisionRecord } from '../model'
import { decisionAt, memberWith, outcomeOf, recordAs } from '../testing/records'
import { readBlocked, readCallsByEffect, readDecision, readDecisions, readOverview } from './index'

const nowMs = Date.parse('2026-11-22T15:34:56.789Z')
const HOUR = 3_600_000
const viewer = memberWith('viewer')
const auditor = memberWith('auditor')
const month: TimeRange = { preset: '30d' }
let db: TestDatabase

/** Two thousand calls over 29 days, like life: few tools, fewer refusals, several in one millisecond. */
function generate(): DecisionRecord[] {
  const tools = ['mistral_chat', 'workflow_interact', 'kubectl_delete', null]
  const identities = ['ops-agent', 'docs-agent', null]
  return Array.from({ length: 2_000 }, (_, n) => {
    const timeMs = nowMs - Math.floor((n / 2_000) ** 2 * 29 * 24 * HOUR) - (n % 5 === 0 ? 0 : n % 7)
    const fate = n % 20
    const refusal =
      fate === 0
        ? { effect: 'deny' as const, code: 'policy_denied', rule: 'after hours', line: 33, message: 'Not now.' }
        : fate === 1
          ? { effect: 'deny' as const, code: 'rate_limited', rule: 'workflow_interact#1', line: 26, message: 'Limit.' }
          : fate === 2
            ? { effect: 'deny' as const, code: 'no_grant', rule: null, line: null, policy: null, message: 'No.' }
            : fate === 3
              ? { effect: 'require_approval' as const, code: 'approval_required', rule: 'ask', line: 40 }
              : {}
    return decisionAt(timeMs, {
      tool: tools[n % 4] ?? null,
      identity: identities[n % 3] ?? null,
      server: n % 4 === 2 ? 'kubernetes' : 'mistral',
      risk: n % 4 === 2 ? 'critical' : 'low',
      session: `s_${n % 10}`,
      proxy: `proxy-${n % 2}`,
      key_prefix: `ik_${n % 3}`,
      client_name: n % 6 ? 'claude' : null,
      revision: 1 + Math.floor((2_000 - n) / 700),
      ...refusal,
    })
  })
}
const records = generate()

beforeAll(async () => {
  db = await testDatabase()
  replaceDatabase(db.database)
  const forwarded = records.filter(record => record.effect === 'allow')
  await recordAs(
    db.proxyUrl,
    records,
    forwarded.slice(10).map(record => outcomeOf(record)),
  )
})
afterAll(async () => {
  replaceDatabase(undefined)
  await db.close()
})

const is = (field: FilterCondition['field'], ...values: string[]): FilterCondition => ({
  field,
  operator: 'is',
  values,
})
const not = (field: FilterCondition['field'], ...values: string[]): FilterCondition => ({
  field,
  operator: 'not',
  values,
})
const during = (range: TimeRange, ...conditions: FilterCondition[]): RecordFilter => ({ conditions, range })

async function readAll(filter: RecordFilter, limit = 37): Promise<string[]> {
  const ids: string[] = []
  let before: string | undefined
  do {
    const page = await readDecisions(viewer, filter, { before, limit, nowMs })
    ids.push(...page.rows.map(row => row.id))
    before = page.older ?? undefined
  } while (before && ids.length <= records.length)
  return ids
}

const isLimited = (record: DecisionRecord) => record.code === 'rate_limited'

describe('a filter finds exactly the records it names', () => {
  const cases: [name: string, filter: RecordFilter, holds: (record: DecisionRecord) => boolean][] = [
    ['all', during(month), () => true],
    ['effect deny', during(month, is('effect', 'deny')), r => r.effect === 'deny' && !isLimited(r)],
    ['effect limited', during(month, is('effect', 'limited')), isLimited],
    ['effect any of', during(month, is('effect', 'allow', 'limited')), r => r.effect === 'allow' || isLimited(r)],
    ['effect not allow', during(month, not('effect', 'allow')), r => r.effect !== 'allow'],
    ['effect not deny', during(month, not('effect', 'deny')), r => r.effect !== 'deny' || isLimited(r)],
    ['approval', during(month, is('effect', 'require_approval')), r => r.effect === 'require_approval'],
    ['tool', during(month, is('tool', 'mistral_chat')), r => r.tool === 'mistral_chat'],
    ['tool none', during(month, is('tool', '')), r => r.tool === null],
    ['tool not', during(month, not('tool', 'mistral_chat')), r => r.tool !== 'mistral_chat'],
    [
      'tool none or one',
      during(month, is('tool', '', 'mistral_chat')),
      r => r.tool === null || r.tool === 'mistral_chat',
    ],
    ['identity', during(month, is('identity', 'ops-agent')), r => r.identity === 'ops-agent'],
    ['identity not none', during(month, not('identity', '')), r => r.identity !== null],
    ['server', during(month, is('server', 'kubernetes')), r => r.server === 'kubernetes'],
    ['rule', during(month, is('rule', 'after hours')), r => r.rule === 'after hours'],
    ['policy none', during(month, is('policy', '')), r => r.policy === null],
    ['code', during(month, is('code', 'no_grant')), r => r.code === 'no_grant'],
    ['risk', during(month, is('risk', 'critical')), r => r.risk === 'critical'],
    ['session', during(month, is('session', 's_3')), r => r.session === 's_3'],
    ['proxy', during(month, is('proxy', 'proxy-1')), r => r.proxy === 'proxy-1'],
    ['key', during(month, is('key', 'ik_1')), r => r.key_prefix === 'ik_1'],
    ['client', during(month, is('client', 'claude')), r => r.client_name === 'claude'],
    ['client none', during(month, is('client', '')), r => r.client_name === null],
    ['category', during(month, is('category', 'Execute')), r => r.category === 'Execute'],
    ['method', during(month, is('method', 'tools/call')), r => r.method === 'tools/call'],
    ['revision', during(month, is('revision', '2')), r => r.revision === 2],
    ['revisions', during(month, is('revision', '2', '3')), r => r.revision === 2 || r.revision === 3],
    [
      'three at once',
      during(month, is('effect', 'deny'), is('tool', 'mistral_chat'), not('identity', 'docs-agent')),
      r => r.effect === 'deny' && !isLimited(r) && r.tool === 'mistral_chat' && r.identity !== 'docs-agent',
    ],
    ['a day', during({ preset: '24h' }), r => Date.parse(r.time) >= Date.parse('2026-11-21T15:00:00Z')],
    [
      'from and to',
      during({ from: new Date('2026-11-20T00:00:00Z'), to: new Date('2026-11-21T00:00:00Z') }),
      r => r.time >= '2026-11-20' && r.time < '2026-11-21',
    ],
    ['what is not there', during(month, is('tool', "it's; DROP TABLE decisions")), () => false],
  ]
  test.each(cases)('%s', async (_, filter, holds) => {
    const expected = records
      .filter(holds)
      .sort((a, b) => (a.time < b.time || (a.time === b.time && a.id < b.id) ? 1 : -1))
    const found = await readAll(filter)
    // The very order too: newest first, ties by id; so no page repeats or misses a row.
    expect(found).toEqual(expected.map(record => record.id))
  })
})

test('pages stand still while records arrive', async () => {
  const filter = during(month, is('tool', 'arriving'))
  await recordAs(
    db.proxyUrl,
    Array.from({ length: 30 }, (_, n) => decisionAt(nowMs - n, { tool: 'arriving' })),
  )
  const first = await readDecisions(viewer, filter, { limit: 10, nowMs })
  await recordAs(
    db.proxyUrl,
    Array.from({ length: 5 }, (_, n) => decisionAt(nowMs + 1 + n, { tool: 'arriving' })),
  )
  const second = await readDecisions(viewer, filter, { limit: 10, before: first.older ?? '', nowMs })
  expect(new Set([...first.rows, ...second.rows].map(row => row.id)).size).toBe(20)
  const held = await readDecisions(viewer, filter, { limit: 10, hold: first.newest ?? '', nowMs })
  expect(held.rows).toEqual(first.rows)
  expect(held.newer).toBe(5)
})

describe('counts are those of the records', () => {
  const chart = (filter: RecordFilter) => readCallsByEffect(viewer, filter, nowMs)

  test.each<[name: string, conditions: FilterCondition[]]>([
    ['every call', []],
    ['one tool', [is('tool', 'mistral_chat')]],
    ['one server, refused', [is('server', 'mistral'), not('effect', 'allow')]],
    ['one identity', [is('identity', 'ops-agent')]],
    ['every identity but one', [not('identity', 'ops-agent')]],
    ['calls without an identity', [is('identity', '')]],
  ])('roll-ups say what raw records say: %s', async (_, conditions) => {
    const rolledUp = await chart(during(month, ...conditions))
    // A condition that no roll-up knows and every record meets makes the same chart from raw records.
    const raw = await chart(during(month, ...conditions, not('session', 'nobody')))
    expect(rolledUp).toEqual(raw)
    expect(Object.values(rolledUp?.totals ?? {}).some(count => count > 0)).toBe(true)
  })

  test('an hour in minutes', async () => {
    const from = nowMs - (nowMs % 60_000) - HOUR
    const histogram = await chart(during({ preset: '1h' }, is('tool', 'mistral_chat')))
    const inHour = records.filter(record => record.tool === 'mistral_chat' && Date.parse(record.time) >= from)
    expect(histogram?.buckets).toHaveLength(61)
    expect(Object.values(histogram?.totals ?? {}).reduce((sum, count) => sum + count)).toBe(inHour.length)
  })

  test('the overview ranks what was refused, called and run', async () => {
    const overview = await readOverview(viewer, during(month), nowMs)
    const count = (holds: (record: DecisionRecord) => boolean) => records.filter(holds).length
    expect(overview.rules.rows.map(({ rule, code, count }) => [rule, code, count])).toEqual([
      ['after hours', 'policy_denied', count(r => r.rule === 'after hours')],
      ['workflow_interact#1', 'rate_limited', count(isLimited)],
      [null, 'no_grant', count(r => r.code === 'no_grant')],
    ])
    expect(overview.tools.rows[0]?.count).toBe(count(r => r.tool === overview.tools.rows[0]?.tool))
    expect(overview.identities.rows.map(row => row.count)).toContain(count(r => r.identity === null))
    const sum = (counts: number[]) => counts.reduce((all, each) => all + each)
    expect(sum(overview.identities.rows.map(row => row.count))).toBe(
      sum(Object.values(overview.histogram?.totals ?? {})),
    )
    expect(overview.refusedTools.rows.map(({ server, tool }) => [server, tool])).not.toContainEqual([null, null])
    for (const { server, tool, count: said } of overview.refusedTools.rows)
      expect(said).toBe(count(r => r.effect === 'deny' && r.tool === tool && r.server === server))
    for (const { sampled } of [overview.tools, overview.refusedTools, overview.identities]) expect(sampled).toBeNull()
  })

  test('blocked calls in patterns add up, approvals left out', async () => {
    const view = await readBlocked(viewer, during(month), nowMs)
    const denied = records.filter(record => record.effect === 'deny')
    expect(view.calls).toBe(denied.length)
    expect(view.patterns.reduce((sum, pattern) => sum + pattern.count, 0)).toBe(denied.length)
    for (const pattern of view.patterns) {
      expect(pattern.counts.reduce((sum, count) => sum + count, 0)).toBe(pattern.count)
      const alike = denied.filter(
        record =>
          record.identity === pattern.identity &&
          record.tool === pattern.tool &&
          record.server === pattern.server &&
          record.rule === pattern.rule &&
          record.code === pattern.code,
      )
      expect(alike).toHaveLength(pattern.count)
      expect(alike.map(record => record.id)).toContain(pattern.id)
      expect(pattern.last.toISOString()).toBe(
        alike
          .map(record => record.time)
          .sort()
          .at(-1),
      )
    }
  })
})

describe('one decision', () => {
  const reason = {
    policy: 'mistral',
    rule: 'after hours',
    pointer: '/tools/workflow_interact/rules/1',
    line: 6,
    effect: 'deny',
    code: 'policy_denied',
    message: 'Not now.',
    conditions: [
      { clause: 'when', path: 'args.action', op: 'neq', needs: 'query', was: 'signal-4711', holds: true },
      { clause: 'when', path: 'request.hour', op: 'not_in', needs: [9], was: 18, holds: true },
    ],
  }
  const decided = decisionAt(nowMs - 5_000, {
    effect: 'deny',
    code: 'policy_denied',
    rule: 'after hours',
    line: 6,
    revision: 7,
    reasons: [reason],
    arguments: { action: 'signal-4711', big: 1, pin: '[masked]' },
    masked_paths: ['/pin'],
    tool: 'explained',
  })
  const before = decisionAt(nowMs - 6_000, { tool: 'explained' })
  const after = decisionAt(nowMs - 4_000, { tool: 'explained' })
  const filter = during(month, is('tool', 'explained'))

  beforeAll(async () => {
    await recordAs(db.proxyUrl, [before, decided, after], [outcomeOf(after, { kind: 'unknown', duration_ms: null })])
    const { prisma } = db.database
    const server = await prisma.server.create({
      data: { id: uuidv7(), slug: 'mistral', title: 'Mistral', transport: 'stdio' },
    })
    const text =
      'default: deny\ntools:\n  workflow_interact:\n    rules:\n      - action: allow\n      - name: after hours\n        action: deny\n'
    const policy = await prisma.policy.create({ data: { id: uuidv7(), serverId: server.id, name: 'mistral.yaml' } })
    await prisma.revision.create({ data: { number: 5, policyId: policy.id, text, digest: 'd', publishedBy: 'test' } })
    await prisma.revision.create({
      data: { number: 7, policyId: policy.id, text: 'newer: text', digest: 'e', publishedBy: 'test' },
    })
    const policies = [
      { name: 'other.yaml', server: null, revision: 7 },
      { name: 'mistral.yaml', server: 'mistral', revision: 5 },
    ]
    await prisma.bundle.create({ data: { number: 7, digest: 'b', policies } })
  })

  test('stands on the lines of the revision that its bundle held, between its neighbours', async () => {
    const detail = await readDecision(auditor, decided.id, { filter, nowMs })
    expect(detail.policyLines).toEqual({
      name: 'mistral.yaml',
      revision: 5,
      from: 6,
      lines: ['      - name: after hours', '        action: deny'],
      isCut: false,
    })
    expect([detail.newer, detail.older]).toEqual([after.id, before.id])
  })

  test('shows its arguments to an auditor', async () => {
    const detail = await readDecision(auditor, decided.id)
    expect(detail.arguments).toMatchObject({ state: 'shown', maskedPaths: ['/pin'] })
    expect(detail.reasons[0]?.conditions.map(condition => condition.was)).toEqual(['signal-4711', 18])
  })

  test.each(['viewer', 'editor', 'approver', 'admin'] as const)(
    'shows no argument to the role %s, anywhere',
    async role => {
      const detail = await readDecision(memberWith(role), decided.id, { filter, nowMs })
      expect(detail.arguments).toEqual({ state: 'withheld' })
      expect(JSON.stringify(detail)).not.toContain('signal-4711')
      expect(detail.reasons[0]?.conditions.map(condition => condition.isWithheld)).toEqual([true, false])
    },
  )

  test('says what became of it', async () => {
    expect((await readDecision(viewer, after.id)).outcome).toMatchObject({ kind: 'unknown', durationMs: null })
    expect((await readDecision(viewer, decided.id)).outcome).toBeNull()
  })

  test.each(['not-an-id', '00000000-0000-4000-8000-000000000000', uuidv7(nowMs)])('no record: %s', async id => {
    await expect(readDecision(viewer, id)).rejects.toMatchObject({ kind: 'not_found' })
  })
})

test('nobody without a role reads anything', async () => {
  const nobody = memberWith()
  for (const read of [
    () => readDecisions(nobody, during(month)),
    () => readDecision(nobody, records[0]?.id ?? ''),
    () => readOverview(nobody, during(month)),
    () => readBlocked(nobody, during(month)),
    () => readCallsByEffect(nobody, during(month)),
  ]) {
    await expect(read()).rejects.toMatchObject({ kind: 'forbidden' })
  }
})
