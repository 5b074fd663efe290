import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Checkpoint, publicKeyPem } from '@/lib/audit/checkpoint'
import { readEvidence, writeEvidence } from '@/lib/audit/outside/evidence'
import { type Authority, authorityProblem, startAuthority } from '@/lib/audit/testing/authority'
import { chainOf } from '@/lib/audit/testing/chains'
import { recordChain } from '@/lib/audit/testing/recorded'
import { stampCheckpoint } from '@/lib/audit/timestamp/request'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { main } from './main'

// What was kept outside, given to the command line: by a file or a folder, with statements of retention and time-stamps.

const DAY_MS = 86_400_000
const made = chainOf(40, { atMs: Date.now() - 10 * DAY_MS, stepMs: 6 * 3_600_000 })
let base: TestDatabase
let folder: string
const file = (name: string) => path.join(folder, name)

beforeAll(async () => {
  base = await testDatabase()
  await recordChain(base.proxyUrl, made)
  folder = mkdtempSync(path.join(tmpdir(), 'intercept-evidence-cli-'))
  mkdirSync(file('bucket/checkpoints'), { recursive: true })
  for (const [i, checkpoint] of made.checkpoints.entries())
    writeFileSync(file(`bucket/checkpoints/${i}.json`), `${writeEvidence({ kind: 'checkpoint', checkpoint })}\n`)
  writeFileSync(file('proxy.pem'), publicKeyPem(made.key.publicKey))
})
afterAll(async () => {
  await base.close()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  vi.stubEnv('DATABASE_URL', base.ownerUrl)
  vi.stubEnv('CONSOLE_DATABASE_URL', base.consoleUrl)
  vi.stubEnv('DATA_DIR', folder)
  vi.stubEnv('AUDIT_CHECKPOINT_FILE', file('outside.ndjson'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  process.exitCode = undefined
})

async function intercept(...words: string[]): Promise<{ code: number; out: string }> {
  let out = ''
  const print = (text: unknown) => {
    out += String(text)
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(print)
  vi.spyOn(process.stderr, 'write').mockImplementation(print)
  try {
    process.exitCode = undefined
    return { code: await main(words), out }
  } finally {
    vi.restoreAllMocks()
    process.exitCode = undefined
  }
}
const verifyFile = (...more: string[]) =>
  intercept(
    'audit',
    'verify',
    '--file',
    file('all.ndjson'),
    '--checkpoints',
    file('bucket'),
    '--key',
    file('proxy.pem'),
    ...more,
  )

describe('maintain', () => {
  test('drops nothing unless a period is set', async () => {
    const { code, out } = await intercept('audit', 'maintain')
    expect([code, out]).toEqual([0, expect.stringContaining('Records are kept for ever.')])
    expect((await intercept('audit', 'key', '--retention')).out).toContain('Nothing was ever dropped')
  })

  test('drops what is older, says so in a line, and leaves signed statements outside', async () => {
    vi.stubEnv('RETENTION_DAYS', '5')
    const { code, out } = await intercept('audit', 'maintain')
    expect(code).toBe(0)
    expect(out).toMatch(
      /^Retention dropped \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d: \d+ decisions and \d+ outcomes \(signed statements 1 to \d\)\.\n$/,
    )
    const lines = readFileSync(file('outside.ndjson'), 'utf8').trim().split('\n')
    expect(lines.map(line => readEvidence(line)?.kind)).toEqual(lines.map(() => 'statement'))
    expect((await intercept('audit', 'maintain')).out).toBe('Nothing was due to be dropped.\n')
    const { out: pem } = await intercept('audit', 'key', '--retention')
    expect(pem).toContain('BEGIN PUBLIC KEY')
    writeFileSync(file('retention.pem'), pem)
  })

  test('a period that is none is refused', async () => {
    vi.stubEnv('RETENTION_DAYS', '0')
    expect(await intercept('audit', 'maintain')).toMatchObject({
      code: 2,
      out: expect.stringContaining('RETENTION_DAYS'),
    })
  })
})

describe('verify', () => {
  beforeAll(async () => {
    vi.stubEnv('CONSOLE_DATABASE_URL', base.consoleUrl)
    vi.stubEnv('DATA_DIR', folder)
    expect(await intercept('audit', 'export', '--output', file('all.ndjson'))).toEqual({ code: 0, out: '' })
  })

  test('with a copy of a bucket and the key of retention says what was dropped', async () => {
    const { code, out } = await verifyFile(
      '--retention-key',
      file('retention.pem'),
      '--checkpoints',
      file('outside.ndjson'),
    )
    expect(code).toBe(0)
    expect(out).toContain('DROPPED')
    expect(out).toContain('Note: Retention dropped')
    expect(out).not.toContain('--retention-key')
  })

  test('with another key of retention finds its statements forged, and what they cover missing', async () => {
    const { code, out } = await verifyFile('--retention-key', file('proxy.pem'))
    expect(code).toBe(1)
    expect(out).toMatch(/forged statement.*missing/)
  })

  test.each([
    ['a certificate that is none', ['--tsa-certificate', 'proxy.pem'], 'no certificate in PEM'],
    ['a folder without checkpoints', ['--checkpoints', 'empty'], 'holds no checkpoint'],
  ])('refuses %s', async (_, given, message) => {
    mkdirSync(file('empty'), { recursive: true })
    const words = given.map(word => (word.startsWith('--') ? word : file(word)))
    expect(await verifyFile(...words)).toMatchObject({ code: 2, out: expect.stringContaining(message) })
  })

  test.skipIf(authorityProblem)('with the authority’s root checks its time-stamps, offline', async () => {
    const authority: Authority = await startAuthority(file('authority'))
    const timestamp = await stampCheckpoint(authority.url, made.checkpoints.at(-1) as Checkpoint)
    await authority.stop()
    writeFileSync(file('root.pem'), authority.root)
    const check = (stamp: typeof timestamp) => {
      writeFileSync(file('stamps.ndjson'), `${writeEvidence({ kind: 'timestamp', timestamp: stamp })}\n`)
      return verifyFile('--checkpoints', file('stamps.ndjson'), '--tsa-certificate', file('root.pem'))
    }
    const { code, out } = await check(timestamp)
    expect([code, out]).toEqual([0, expect.stringContaining(`to 80, ${timestamp.time}`)])
    const token = Buffer.from(timestamp.token, 'base64')
    token[token.length - 1] = (token.at(-1) ?? 0) ^ 1
    const forged = await check({ ...timestamp, token: token.toString('base64') })
    expect([forged.code, forged.out]).toEqual([1, expect.stringContaining('forged timestamp')])
  })
})
