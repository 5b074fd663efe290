import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JsonValue } from '@/lib/policy'
import { refuseEchoedMask } from './echoed-mask'
import { type Gateway, startGateway } from './testing/gateway'
import { numberedCaller } from './testing/promise'

// What the record shows in place of a value must not come back as one.

test.each([
  ['a value', { text: '[masked]' }, '/text'],
  ['a part of a value', { a: { 'b/c': ['ok', 'key=[masked]&x'] } }, '/a/b~1c/1'],
  ['a key', { map: { '[masked]': 1 } }, '/map'],
])('%s that echoes the mask is refused, and told where', (_what, args, place) => {
  const refused = refuseEchoedMask(args)
  expect(refused).toMatchObject({ effect: 'deny', code: 'invalid_arguments' })
  expect(refused?.message).toContain(`"${place}"`)
})

test.each<JsonValue>([{}, { text: 'masked' }, { text: '[ masked ]', n: 1, nothing: null, list: [true] }])(
  '%j is no echo',
  args => {
    expect(refuseEchoedMask(args)).toBeNull()
  },
)

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ tools: ['echo'] })
})
afterAll(() => gateway.stop())

test('a call that echoes the mask reaches nobody and is on record; one without a grant learns nothing from it', async () => {
  const caller = await numberedCaller(gateway)
  expect(await caller.call(1, { args: { password: '[masked]' } })).toEqual(['invalid_arguments'])
  expect(await caller.call(1, { tool: 'secret', args: { password: '[masked]' } })).toEqual(['not_available'])
  expect(await caller.call(1, { args: { password: 'hunter2' } })).toEqual(['result'])
  expect(gateway.calls()).toHaveLength(1)
  const records = await gateway.decisions()
  expect(records.map(({ code, rule }) => [code, rule])).toEqual([
    ['invalid_arguments', '(mask)'],
    ['no_grant', '(no grant)'],
    [null, expect.anything()],
  ])
})
