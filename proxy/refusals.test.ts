import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CallDecision } from './call-decision'
import type { RecordedCall } from './decision-writer'
import type { Enforcer } from './enforce'
import { Refusals } from './refusals'
import { type Gateway, startGateway, until } from './testing/gateway'

// A flood of wrong keys is no lever against the record: ten of a source and minute stand for themselves, the rest is counted.

const recorded: { message: string; call: RecordedCall }[] = []
const enforcer = {
  refuse: async (call: RecordedCall, { message }: CallDecision) => void recorded.push({ message, call }),
  recordFloods: () => undefined,
} as unknown as Enforcer
let refusals: Refusals
beforeEach(() => {
  vi.useFakeTimers()
  recorded.length = 0
  refusals = new Refusals(enforcer, () => null)
  refusals.start()
})
afterEach(() => {
  refusals.stop()
  vi.useRealTimers()
})
const messages = () => recorded.map(({ message }) => message)

test('ten a minute are recorded singly, and the rest as one record with their number', () => {
  for (let i = 0; i < 5_000; i++) refusals.unauthenticated('fixture', '192.0.2.1')
  expect(messages()).toEqual(Array(10).fill('No valid key, from 192.0.2.1.'))
  vi.advanceTimersByTime(60_000)
  expect(messages().slice(10)).toEqual(['No valid key, 4990 more times within a minute, from 192.0.2.1.'])
  refusals.unauthenticated('fixture', '192.0.2.1')
  expect(messages()).toHaveLength(12)
})

test('each source has ten of its own, and what is counted when the proxy stops is recorded', () => {
  for (let i = 0; i < 12; i++) for (const source of ['192.0.2.1', '192.0.2.2']) refusals.unauthenticated('x', source)
  expect(messages()).toHaveLength(20)
  refusals.stop()
  expect(
    messages()
      .slice(20)
      .map(message => /\d+ more/.exec(message)?.[0]),
  ).toEqual(['2 more', '2 more'])
})

test('more sources than are kept: what was counted is recorded first, and memory stays bounded', () => {
  for (let i = 0; i < 11; i++) refusals.unauthenticated('x', 'first')
  for (let i = 0; i < 10_000; i++) refusals.unauthenticated('x', `source ${i}`)
  expect(messages().filter(message => message.includes('more times'))).toEqual([
    'No valid key, 1 more times within a minute, from first.',
  ])
  expect(recorded.every(({ call }) => call.server === '(unknown)' && call.args === null)).toBe(true)
})

test('real requests with wrong keys: ten records and one with the rest, whatever bearer they try', async () => {
  vi.useRealTimers()
  const gateway: Gateway = await startGateway()
  const tries = Array.from({ length: 60 }, (_, i) => gateway.post('{}', { authorization: `Bearer ik_wrong${i}` }))
  expect((await Promise.all(tries)).map(({ status }) => status)).toEqual(Array(60).fill(401))
  await gateway.proxy.stop()
  const { sql } = gateway.database.database
  const rows = () =>
    sql.query<{ message: string }>("SELECT message FROM decisions WHERE code = 'unauthenticated' ORDER BY time, id")
  await until(async () => (await rows()).length === 11, 10_000)
  expect((await rows()).filter(({ message }) => /50 more times/.test(message))).toHaveLength(1)
  await gateway.stop()
})
