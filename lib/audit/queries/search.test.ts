import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import type { FilterCondition, RecordFilter } from '../filter/model'
import { matches } from '../tail/matches'
import { decisionAt, memberWith, outcomeOf, recordAs } from '../testing/records'
import {
  readBlocked,
  readCallsByEffect,
  readDecision,
  readDecisions,
  readFacets,
  readOverview,
  readSession,
} from './index'

// Looking into arguments, sessions in order, and how far back a view was looked at.

const nowMs = Date.parse('2026-11-22T15:34:56.789Z')
const HOUR = 3_600_000
const auditor = memberWith('auditor')
const is = (field: FilterCondition['field'], ...values: string[]): FilterCondition => ({
  field,
  operator: 'is',
  values,
})
const month = (...conditions: FilterCondition[]): RecordFilter => ({ conditions, range: { preset: '30d' } })

const carried = [
  { executionId: 'exec-1', step: 7, tags: ['red', 'blue'], deep: { items: [{ id: 'a1' }, { id: 'b2' }] } },
  { executionId: 'exec-2', step: '7', ok: true, note: 'He said "late" 100% of_the time' },
  { executionId: 'EXEC-1', step: 70, gone: null, deep: { items: [] } },
  ['a list'],
  null,
]
const calls = carried.map((args, n) =>
  decisionAt(nowMs - n * 20 * HOUR, { arguments: args as never, tool: `t${n}`, session: 'searched' }),
)

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
  replaceDatabase(db.database)
  await recordAs(
    db.proxyUrl,
    calls,
    calls.slice(1).map(call => outcomeOf(call)),
  )
})
afterAll(async () => {
  replaceDatabase(undefined)
  await db.close()
})

const cases: [name: string, condition: FilterCondition, found: number[]][] = [
  ['text at a path', is('args.executionId', 'exec-1'), [0]],
  ['any of two', is('args.executionId', 'exec-1', 'exec-2'), [0, 1]],
  ['a number, however it was sent', is('args.step', '7'), [0, 1]],
  ['a word of JSON', is('args.ok', 'true'), [1]],
  ['null', is('args.gone', 'null'), [2]],
  ['an element of a list', is('args.tags', 'blue'), [0]],
  ['a step into a list', is('args.deep.items.*.id', 'b2'), [0]],
  ['no such value', is('args.executionId', 'exec'), []],
  ['words, in any case', is('text', 'exec-1'), [0, 2]],
  ['words with signs that LIKE reads', is('text', '100% of_the'), [1]],
  ['such signs mean nothing', is('text', 'exec_1'), []],
  ['words with quotes', is('text', 'said "late"'), [1]],
]

describe('a search in arguments', () => {
  test.each(cases)('finds %s', async (_, condition, found) => {
    const { rows, searchedBackTo } = await readDecisions(auditor, month(condition), { nowMs })
    expect(rows.map(row => row.tool)).toEqual(found.map(n => `t${n}`))
    expect(searchedBackTo).toBeNull()
  })

  test.each(cases)('finds the same as it passes: %s', async (_, condition, found) => {
    const { rows } = await readDecisions(auditor, month(), { nowMs })
    const passing = rows
      .map((row, n) => ({
        row,
        session: null,
        proxy: '',
        keyPrefix: null,
        client: null,
        arguments: carried[n] === null ? null : JSON.stringify(carried[n]),
      }))
      .filter(record => matches(month(condition), record, nowMs))
    expect(passing.map(({ row }) => row.tool)).toEqual(found.map(n => `t${n}`))
  })

  test.each(['viewer', 'editor', 'approver', 'admin'] as const)('is no oracle for the role %s', async role => {
    const actor = memberWith(role)
    for (const condition of [is('args.executionId', 'exec-1'), is('text', 'exec-1')]) {
      const filter = month(condition)
      for (const read of [
        () => readDecisions(actor, filter, { nowMs }),
        () => readDecision(actor, calls[0]?.id ?? '', { filter, nowMs }),
        () => readCallsByEffect(actor, filter, nowMs),
        () => readOverview(actor, filter, nowMs),
        () => readBlocked(actor, filter, nowMs),
      ])
        await expect(read()).rejects.toMatchObject({ kind: 'forbidden' })
    }
  })
})

describe('a view that takes long', () => {
  test('shows what it found, says how far back it looked, and goes on from there without a gap', async () => {
    const filter = month(is('session', 'searched'))
    const found: string[] = []
    let [before, pages]: [string | undefined, number] = [undefined, 0]
    let lastBack = Number.POSITIVE_INFINITY
    do {
      const page = await readDecisions(auditor, filter, { nowMs, before, showAfterMs: 0 })
      found.push(...page.rows.map(row => row.tool ?? ''))
      if (page.searchedBackTo) {
        expect(page.searchedBackTo.getTime()).toBeLessThan(lastBack)
        lastBack = page.searchedBackTo.getTime()
      }
      before = page.older ?? undefined
      pages += 1
    } while (before && pages < 50)
    expect(found).toEqual(calls.map(call => call.tool))
    expect(pages).toBeGreaterThan(1)
  })
})

describe('the timeline of a session', () => {
  test('has every call once, oldest first, with what became of it', async () => {
    const view = await readSession(memberWith('viewer'), 'searched', {})
    expect(view?.calls.map(call => call.tool)).toEqual(calls.map(call => call.tool).reverse())
    expect(view?.calls.map(call => call.outcome?.durationMs ?? null)).toEqual([31, 31, 31, 31, null])
    expect([view?.first, view?.last]).toEqual([new Date(calls[4]?.time ?? 0), new Date(calls[0]?.time ?? 0)])
    expect(view).toMatchObject({ next: null, identities: ['demo-agent'], servers: ['mistral'] })
  })

  test('goes on page by page where many calls share a millisecond', async () => {
    const many = Array.from({ length: 450 }, (_, n) => decisionAt(nowMs - Math.floor(n / 100), { session: 'long' }))
    await recordAs(db.proxyUrl, many)
    const seen: string[] = []
    let after: string | undefined
    do {
      const view = await readSession(auditor, 'long', { after })
      seen.push(...(view?.calls.map(call => call.id) ?? []))
      after = view?.next ?? undefined
    } while (after && seen.length < 1_000)
    expect(seen).toEqual([...many].sort((a, b) => (a.time + a.id < b.time + b.id ? -1 : 1)).map(call => call.id))
  })

  test.each(['', 'nobody', 'x'.repeat(300), 'a\u0000b'])('of no record is none: %j', async session => {
    expect(await readSession(auditor, session, {})).toBeNull()
  })
})

test('the menu offers what was called, most first, though no catalogue names it', async () => {
  await recordAs(
    db.proxyUrl,
    Array.from({ length: 9 }, (_, n) =>
      decisionAt(nowMs - n, { tool: 'often', client_name: 'claude', key_prefix: 'ik_12' }),
    ),
  )
  const facets = await readFacets(memberWith('viewer'), nowMs)
  expect(facets.tools.slice(0, 2)).toEqual(['workflow_interact', 'often'])
  expect(facets).toMatchObject({ clients: ['claude'], keys: ['ik_12'], revisions: ['1'] })
  expect(facets.rules).toContain('workflow_interact#1')
})
