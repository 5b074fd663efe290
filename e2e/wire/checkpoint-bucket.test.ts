import { type ChildProcess, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readOutside } from '@/cli/audit/read-outside'
import { readPublicKey } from '@/lib/audit/checkpoint'
import { bucketSink } from '@/lib/audit/outside/sinks'
import { type Authority, authorityProblem, startAuthority } from '@/lib/audit/testing/authority'
import { chainOf } from '@/lib/audit/testing/chains'
import { verifyRecord } from '@/lib/audit/verify/live'
import { seedActor } from '@/lib/auth/model'
import { type Gateway, startGateway } from '@/proxy/testing/gateway'
import { fileOf, thirdPartyProblem } from './third-party'

// Checkpoints of a real proxy in a real bucket (s3rver; signatures are checked in lib/audit/object-store.test.ts), stamped by OpenSSL's authority: enough to verify by.

const folder = mkdtempSync(path.join(tmpdir(), 'intercept-bucket-'))
const disk = path.join(folder, 'disk')
const problem = thirdPartyProblem() || authorityProblem
let server: ChildProcess | undefined
let endpoint: string

async function freePort(): Promise<number> {
  const listening = createServer()
  await new Promise<void>(resolve => listening.listen(0, '127.0.0.1', resolve))
  const { port } = listening.address() as { port: number }
  await new Promise(resolve => listening.close(resolve))
  return port
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await new Promise(resolve => setTimeout(resolve, 50)))
    if (await isTrue()) return
  throw new Error('it did not happen within 30 s')
}

async function startBucket(): Promise<void> {
  const port = await freePort()
  mkdirSync(disk, { recursive: true })
  const words = ['-d', disk, '-a', '127.0.0.1', '-p', String(port), '--configure-bucket', 'kept']
  server = spawn(process.execPath, [fileOf('s3rver/bin/s3rver.js'), ...words], { stdio: 'ignore' })
  endpoint = `http://127.0.0.1:${port}`
  await until(() => fetch(endpoint).then(Boolean, () => false))
}

/** Objects of the bucket by their names, as they lie on its disk. */
function objects(): Map<string, string> {
  const root = path.join(disk, 'kept')
  const files = existsSync(root) ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : []
  return new Map(
    files
      .filter(name => name.endsWith('._S3rver_object'))
      .map(name => [name.replace('._S3rver_object', ''), readFileSync(path.join(root, name), 'utf8')]),
  )
}

const bucket = (more = {}) => ({
  endpoint,
  region: 'us-east-1',
  bucket: 'kept',
  prefix: 'intercept/',
  accessKeyId: 'S3RVER',
  secretAccessKey: 'S3RVER',
  ...more,
})

describe.skipIf(problem)(`a bucket${problem && ` (${problem})`}`, () => {
  let authority: Authority
  let gateway: Gateway
  beforeAll(async () => {
    await startBucket()
    authority = await startAuthority(path.join(folder, 'authority'))
    gateway = await startGateway({ settings: { checkpointBucket: bucket(), timestampUrl: authority.url } })
  })
  afterAll(async () => {
    server?.kill()
    await gateway?.stop()
    await authority?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('holds each checkpoint under its chain and number, with its time-stamp; by them the record verifies', async () => {
    const client = await gateway.connect()
    for (let i = 0; i < 300; i++) await client.callTool({ name: 'echo', arguments: { text: String(i) } })
    await client.close()
    await until(() => objects().size >= 2)
    await gateway.proxy.stop()
    await gateway.decisions()
    const names = [...objects().keys()]
    const chain = '[0-9a-f-]{36}'
    expect(names.filter(name => name.startsWith('intercept/checkpoints/test/')).length).toBeGreaterThanOrEqual(2)
    for (const name of names)
      expect(name).toMatch(
        new RegExp(
          `^intercept/(checkpoints/test/${chain}/[0-9]{16}-[0-9a-f]{12}|timestamps/[0-9-]{10}/[0-9a-f]{64})\\.json$`,
        ),
      )
    expect(names.some(name => name.startsWith('intercept/timestamps/'))).toBe(true)

    // As `aws s3 cp --recursive` would copy them.
    const copy = path.join(folder, 'copy')
    for (const [name, text] of objects()) {
      mkdirSync(path.dirname(path.join(copy, name)), { recursive: true })
      writeFileSync(path.join(copy, name), text)
    }
    const report = await verifyRecord(seedActor, {
      ...(await readOutside([copy])),
      keys: [readPublicKey(readFileSync(path.join(gateway.folder, 'audit-public-key.pem'), 'utf8'))],
      authorities: [new X509Certificate(authority.root)],
    })
    expect(report).toMatchObject({ isIntact: true, findings: [], notes: [] })
    expect(report.chains[0]?.anchoredTo).toBe(report.chains[0]?.last)
    expect(report.chains[0]?.stampedTo?.sequence).toBeGreaterThan(0)
  })

  const [first] = chainOf(10).checkpoints
  const publish = (more: object) =>
    bucketSink(bucket(more)).publish({ kind: 'checkpoint', checkpoint: first ?? expect.fail('no checkpoint') })

  test('takes one that it has once more', async () => {
    await publish({})
    const { size } = objects()
    await publish({})
    expect(objects().size).toBe(size)
  })

  test.each([
    ['that is not there', { bucket: 'absent' }, 'NoSuchBucket'],
    ['with a key that nobody knows', { accessKeyId: 'NOBODY' }, 'InvalidAccessKeyId'],
  ])('%s says so', async (_, more, code) => {
    await expect(publish(more)).rejects.toMatchObject({ code })
  })
})
