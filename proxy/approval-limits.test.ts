import { expect, test } from 'vitest'
import { MemoryCounterStore } from '@/lib/limits/memory'
import type { CounterStore } from '@/lib/limits/model'
import { type Call, compile, evaluate, parse } from '@/lib/policy'
import { fulfil } from './judge'
import { Limits } from './limits'

// LANGUAGE, Approvals: limits and approval together or not at all.
const text = `default: allow
tools:
  "*":
    rules: [{ name: few, action: allow, rate_limit: { max: 2, window: day, per: PER } }]
  ask:
    rules: [{ name: a person first, action: require_approval }]
`
const identity = { id: 'i', name: 'agent', kind: 'agent', labels: {}, groups: [] }
const at = Date.parse('2026-01-05T12:00:00Z')

function sayer(per: string, store: CounterStore = new MemoryCounterStore()) {
  const parsed = parse(text.replace('PER', per))
  if (!parsed.document) throw new Error(JSON.stringify(parsed))
  const policies = [compile(parsed.document, { name: 'p', definitions: [] })]
  const limits = new Limits(store)
  return async (name: string) => {
    const call = {
      method: 'tools/call',
      tool: { name },
      args: {},
      identity,
      session: { id: 's' },
      at,
    } as unknown as Call
    const { decision, held } = await fulfil(evaluate(policies, call), limits, at)
    return [decision.code ?? 'ok', held === null ? 'nothing held' : 'held']
  }
}

test.each(['server', 'session', 'identity'])('per %s: a call that waits for a person takes nothing', async per => {
  const say = sayer(per)
  for (let i = 0; i < 5; i++) expect(await say('ask')).toEqual(['approval_required', 'nothing held'])
  expect([await say('go'), await say('go'), await say('go')]).toEqual([
    ['ok', 'held'],
    ['ok', 'held'],
    ['rate_limited', 'nothing held'],
  ])
})

test.each(['server', 'session', 'identity'])('per %s: nobody is asked about what a spent limit refuses', async per => {
  const say = sayer(per)
  await say('go')
  await say('go')
  expect(await say('ask')).toEqual(['rate_limited', 'nothing held'])
})

test('with the store away nobody is asked either', async () => {
  const away = () => Promise.reject(new Error('away'))
  const say = sayer('server', { reserve: away, refund: away, read: away })
  expect(await say('ask')).toEqual(['limits_unavailable', 'nothing held'])
})
