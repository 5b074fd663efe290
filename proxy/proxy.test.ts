import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Gateway, startGateway } from './testing/gateway'

let gateway: Gateway
let client: Client

beforeAll(async () => {
  gateway = await startGateway({ tools: ['echo', 'slow', 'refuse', 'fail', 'hid*'] })
  client = await gateway.connect()
})
afterAll(() => gateway.stop())

test('a call goes through and stands in the record with its outcome', async () => {
  const result = await client.callTool({ name: 'echo', arguments: { text: 'hello' } })
  expect(result.content).toEqual([{ type: 'text', text: 'hello' }])
  const rows = await gateway.decisions()
  expect(rows).toMatchObject([{ tool: 'echo', effect: 'allow', code: null, outcome: 'result', identity: 'agent' }])
})
