import type { FilterCondition, RecordFilter } from '@/lib/audit/filter/model'
import type { TimeRange } from '@/lib/audit/filter/range'
import { windowOf } from '@/lib/audit/filter/range'
import { readCallsByEffect, readDecisions, readFacets, readOverview, readSession } from '@/lib/audit/queries'
import { boundedRead } from '@/lib/audit/queries/bounded-read'
import { readIdentityRanks, readRefusedToolRanks } from '@/lib/audit/queries/ranks'
import type { Actor } from '@/lib/auth/model'

/** One read of a page, through the functions that pages use. */
export interface Read {
  readonly name: string
  /** Milliseconds that the issue allows; null where it says none. */
  readonly target: number | null
  run(): Promise<unknown>
}

const auditor: Actor = { kind: 'cli', id: null, name: 'bench', roles: ['auditor'], source: '' }
const month: TimeRange = { preset: '30d' }
const day: TimeRange = { preset: '24h' }

const is = (field: FilterCondition['field'], ...values: string[]): FilterCondition => ({
  field,
  operator: 'is',
  values,
})
const view = (range: TimeRange, ...conditions: FilterCondition[]): RecordFilter => ({ range, conditions })

/** Values that are in many calls, in few, and in none. */
const singles: readonly (readonly [field: FilterCondition['field'], common: string, rare: string])[] = [
  ['server', 'server-0', 'server-11'],
  ['tool', 'tool_0', 'tool_298'],
  ['category', 'Read', 'Destructive'],
  ['risk', 'low', 'critical'],
  ['identity', 'agent-0', 'agent-198'],
  ['client', 'client-0', 'rare-client'],
  ['rule', 'tool_0#0', 'tool_298#1'],
  ['policy', 'server-0', '*'],
  ['code', 'policy_denied', 'malformed'],
  ['effect', 'deny', 'require_approval'],
  ['method', 'tools/call', 'resources/read'],
  ['proxy', 'proxy-0', 'proxy-gone'],
]

export interface Known {
  /** In the record: of one call of the first day. */
  readonly session: string
  readonly key: string
  readonly executionId: string
  readonly executionIdToday: string
  readonly revision: string
}

/** @param nowMs the end of the generated record */
export function readsOf(nowMs: number, known: Known): Read[] {
  const list = (name: string, target: number | null, filter: RecordFilter): Read => ({
    name,
    target,
    run: () => readDecisions(auditor, filter, { nowMs }),
  })
  const chart = (name: string, filter: RecordFilter): Read => ({
    name,
    target: 20,
    run: () => readCallsByEffect(auditor, filter, nowMs),
  })
  const rank = (
    name: string,
    read: typeof readRefusedToolRanks | typeof readIdentityRanks,
    range: TimeRange,
  ): Read => ({
    name,
    target: 20,
    run: () => boundedRead<unknown>(sql => read(sql, view(range), windowOf(range, nowMs), 5)),
  })
  return [
    list('newest page', 20, view(month)),
    ...singles.flatMap(([field, common, rare]) => [
      list(`${field}: common`, 20, view(month, is(field, common))),
      list(`${field}: rare`, 20, view(month, is(field, rare))),
      list(`${field}: not there`, 20, view(month, is(field, field === 'effect' ? 'limited' : 'absent'))),
    ]),
    list('session', 20, view(month, is('session', known.session))),
    list('key prefix', 20, view(month, is('key', known.key))),
    list('revision, of the first day', 20, view(month, is('revision', known.revision))),
    list('filter and time: tool, 24 h', 20, view(day, is('tool', 'tool_250'))),
    list('filter and time: refused by one, 24 h', 20, view(day, is('identity', 'agent-150'), is('effect', 'deny'))),
    list(
      'three filters, 30 d: common',
      40,
      view(month, is('identity', 'agent-3'), is('tool', 'tool_2'), is('effect', 'deny')),
    ),
    list(
      'three filters, 30 d: rare',
      40,
      view(month, is('identity', 'agent-190'), is('tool', 'tool_280'), is('effect', 'deny')),
    ),
    list(
      'three filters, 30 d: server, risk, proxy',
      40,
      view(month, is('server', 'server-5'), is('risk', 'critical'), is('proxy', 'proxy-1')),
    ),
    chart('histogram, 24 h', view(day)),
    chart('histogram, 30 d', view(month)),
    chart('histogram of a tool, 30 d', view(month, is('tool', 'tool_3'))),
    chart('histogram of an identity, 30 d', view(month, is('identity', 'agent-3'))),
    rank('top refused tools, 24 h', readRefusedToolRanks, day),
    rank('top refused tools, 30 d', readRefusedToolRanks, month),
    rank('top identities, 24 h', readIdentityRanks, day),
    rank('top identities, 30 d', readIdentityRanks, month),
    list('field = value, 24 h', 20, view(day, is('args.executionId', known.executionIdToday))),
    list('field = value, 30 d', 20, view(month, is('args.executionId', known.executionId))),
    list('field = common value, 24 h', 20, view(day, is('args.action', 'signal'))),
    list('free text, rare, 24 h', 1_500, view(day, is('text', 'quicksilver'))),
    list('free text, in every call, 24 h', 1_500, view(day, is('text', 'were paid'))),
    {
      name: 'free text, rare, 24 h: first rows',
      target: null,
      run: () => readDecisions(auditor, view(day, is('text', 'quicksilver')), { nowMs, showAfterMs: 0 }),
    },
    { name: 'timeline of a session', target: null, run: () => readSession(auditor, known.session, {}) },
    { name: 'menu of filters', target: null, run: () => readFacets(auditor, nowMs) },
    { name: 'overview, 24 h', target: null, run: () => readOverview(auditor, view(day), nowMs) },
    { name: 'overview, 30 d', target: null, run: () => readOverview(auditor, view(month), nowMs) },
  ]
}
