import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Gateway, startGateway, until } from '../testing/gateway'

// Where checkpoints are kept outside may be away for as long as it likes: calls go on, and it is seen.

let gateway: Gateway
beforeAll(async () => {
  const nowhere = 'http://127.0.0.1:9'
  gateway = await startGateway({
    settings: {
      checkpointUrl: nowhere,
      checkpointBucket: {
        endpoint: nowhere,
        region: 'us-east-1',
        bucket: 'kept',
        prefix: '',
        accessKeyId: 'x',
        secretAccessKey: 'y',
      },
      timestampUrl: nowhere,
    },
  })
})
afterAll(() => gateway.stop())

const metrics = async () => (await fetch(`http://127.0.0.1:${gateway.proxy.port}/metrics`)).text()

test('an endpoint, a bucket and an authority that are all away stop no call, and each is counted', async () => {
  const client = await gateway.connect()
  // Five hundred records are signed at once.
  for (let i = 0; i < 255; i++) {
    const answer = await client.callTool({ name: 'echo', arguments: { text: String(i) } })
    expect(answer.isError).toBeFalsy()
  }
  await client.close()
  await until(async () => /^intercept_checkpoint_places_failing 3$/m.test(await metrics()), 20_000)
  expect(await metrics()).toMatch(/^intercept_checkpoints_unpublished [1-9]/m)
  await until(async () => {
    const [proxy] = await gateway.database.database.prisma.proxy.findMany()
    return /ECONNREFUSED.*ECONNREFUSED.*ECONNREFUSED/.test(JSON.stringify(proxy?.status))
  }, 20_000)
}, 90_000)
