import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Floods, SINGLY_PER_MINUTE } from './floods'
import { type DecisionRow, type Gateway, startGateway } from './testing/gateway'

describe('a flood', () => {
  test('is written singly up to the bound, each source for itself, and the rest is counted', () => {
    const floods = new Floods<number>()
    const admitted = Array.from({ length: 25 }, (_, n) => floods.admit('one', n)).filter(Boolean)
    expect(admitted).toHaveLength(SINGLY_PER_MINUTE)
    expect(floods.admit('other', 1)).toBe(true)
    expect(floods.take()).toEqual([{ source: 'one', rest: 25 - SINGLY_PER_MINUTE, what: 24 }])
    // A minute later all begins anew.
    expect(floods.take()).toEqual([])
    expect(floods.admit('one', 1)).toBe(true)
  })

  test('of ever new sources is found out before they fill the memory', () => {
    const floods = new Floods<null>()
    for (let n = 0; n < 10_000; n++) floods.admit(`source ${n}`, null)
    expect([floods.isFull('a new one'), floods.isFull('source 1')]).toEqual([true, false])
  })
})

describe('a server that asks its client without end for what is refused', () => {
  const policy = 'default: deny\ntools: { ask: { rules: [{ name: asks, action: allow }] } }\n'
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await startGateway({ policy, tools: ['*', 'server/*'] })
  })
  afterAll(() => gateway.stop())

  test('gets its refusals, fills no record, and is counted in it', async () => {
    const client = await gateway.connect()
    const asks = 25
    for (let n = 0; n < asks; n++) {
      const answer = (await client.callTool({ name: 'ask', arguments: { prompt: 'x' } })) as { content: unknown }
      expect(JSON.stringify(answer.content)).toContain('refused: ')
    }
    const refused = (rows: DecisionRow[]) => rows.filter(({ method }) => method === 'sampling/createMessage')
    expect(refused(await gateway.decisions())).toHaveLength(SINGLY_PER_MINUTE)
    await client.close()
    await gateway.proxy.stop()
    const [last] = refused(await gateway.decisions()).slice(SINGLY_PER_MINUTE)
    expect(last).toMatchObject({
      identity: 'agent',
      effect: 'deny',
      code: 'default_deny',
      rule: '(flood)',
      message: `${asks - SINGLY_PER_MINUTE} more requests were refused within a minute; the last was sampling/createMessage.`,
    })
    expect(refused(await gateway.decisions())).toHaveLength(SINGLY_PER_MINUTE + 1)
  })
})
