import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { eventually, type Forwarding, forwarding, placesIn, placesOf } from '@/lib/audit/sinks/testing/forwarding'

// Records as objects of a real S3 server, read back by another client.

const problem = inject('thirdPartyProblem')
const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }
const bin = path.resolve(import.meta.dirname, '../servers/node_modules/s3rver/bin/s3rver.js')

describe.skipIf(problem !== '')(`S3${problem && ` (${problem})`}`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'intercept-s3-'))
  let world: Forwarding
  let server: ChildProcess
  let endpoint: string
  let port: number

  const start = () => {
    server = spawn(process.execPath, [
      bin,
      '-d',
      folder,
      '-a',
      '127.0.0.1',
      '-p',
      String(port),
      '--configure-bucket',
      'records',
    ])
    return eventually(() =>
      fetch(endpoint).then(
        () => true,
        () => false,
      ),
    )
  }
  const stop = () =>
    new Promise(resolve => {
      server.once('exit', resolve)
      server.kill('SIGKILL')
    })
  beforeAll(async () => {
    world = await forwarding()
    mkdirSync(folder, { recursive: true })
    port = await new Promise(resolve => {
      const probe = createServer().listen(0, '127.0.0.1', () => {
        const address = probe.address()
        probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
      })
    })
    endpoint = `http://127.0.0.1:${port}`
    await start()
  })
  afterAll(async () => {
    await stop()
    await world.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const client = new AwsClient({ ...keys, service: 's3', region: 'us-east-1' })
  const listed = async () => {
    const text = await (await client.fetch(`${endpoint}/records?prefix=kept/`)).text()
    return [...text.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key ?? '').sort()
  }
  const objectOf = async (key: string) =>
    gunzipSync(Buffer.from(await (await client.fetch(`${endpoint}/records/${key}`)).arrayBuffer())).toString('utf8')

  test('records lie there by hour, proxy and number, also after the bucket was away', async () => {
    const settings = { endpoint, allowPrivate: true, bucket: 'records', prefix: 'kept', lingerSeconds: 1 }
    const chains = [await world.record(40)]
    await world.add({ name: 'bucket', kind: 's3', settings, secrets: keys })
    await world.start()
    await world.caughtUp('bucket')
    await stop()
    chains.push(await world.record(30))
    await eventually(async () => world.lines.some(line => line.includes('cannot be reached')))
    await start()
    await world.caughtUp('bucket')
    const names = await listed()
    expect(names).toHaveLength(2)
    for (const [i, { chain, links }] of chains.entries()) {
      const last = String(links.length).padStart(12, '0')
      const key = `kept/2026/11/22/00/proxy-1/${chain}-000000000001-${last}.ndjson.gz`
      expect(names).toContain(key)
      expect(placesIn([await objectOf(key)])).toEqual(placesOf(chains[i] ?? expect.fail('a chain a turn')))
    }
  })
})
