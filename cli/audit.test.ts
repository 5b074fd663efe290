import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { publicKeyPem } from '@/lib/audit/checkpoint'
import { chainOf, newSigningKey } from '@/lib/audit/testing/chains'
import { recordChain } from '@/lib/audit/testing/recorded'
import { decisionAt, memberWith, recordAs } from '@/lib/audit/testing/records'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { follow } from './audit/tail'
import { main } from './main'

const made = chainOf(60, { fields: { identity: 'one' } })
let base: TestDatabase
let folder: string
const file = (name: string) => path.join(folder, name)

beforeAll(async () => {
  base = await testDatabase()
  await recordChain(base.proxyUrl, made)
  folder = mkdtempSync(path.join(tmpdir(), 'intercept-audit-cli-'))
  writeFileSync(
    file('outside.ndjson'),
    `${made.checkpoints
      .slice(0, -1)
      .map(each => JSON.stringify(each))
      .join('\n')}\n{"torn`,
  )
  writeFileSync(file('public.pem'), publicKeyPem(made.key.publicKey))
  writeFileSync(file('other.pem'), publicKeyPem(newSigningKey().publicKey))
})
afterAll(async () => {
  await base.close()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  vi.stubEnv('CONSOLE_DATABASE_URL', base.consoleUrl)
  vi.stubEnv('DATA_DIR', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  process.exitCode = undefined
})

async function intercept(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: '', err: '' }
  const catchInto = (name: 'out' | 'err') => (text: unknown) => {
    printed[name] += String(text)
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(catchInto('out'))
  vi.spyOn(process.stderr, 'write').mockImplementation(catchInto('err'))
  try {
    process.exitCode = undefined
    return { code: await main(words), ...printed }
  } finally {
    vi.restoreAllMocks()
    process.exitCode = undefined
  }
}
const anchors = () => ['--checkpoints', file('outside.ndjson'), '--key', file('public.pem')]

test('verify says of the untouched database that nothing is wrong, and what is not yet anchored', async () => {
  const { code, out } = await intercept('audit', 'verify', ...anchors())
  expect(code).toBe(0)
  expect(out).toContain('Nothing was found wrong: 120 records in 1 chain')
  expect(out).toContain('NOT YET ANCHORED')
  expect(out).toMatch(/proxy-1 .* to 120 +to 110 +10\n/)
})

describe('offline', () => {
  beforeAll(async () => {
    vi.stubEnv('CONSOLE_DATABASE_URL', base.consoleUrl)
    expect(await intercept('audit', 'export', '--output', file('export.ndjson'))).toEqual({ code: 0, out: '', err: '' })
    const lines = readFileSync(file('export.ndjson'), 'utf8').split('\n')
    const changed = lines.map(line =>
      line.includes('"sequence":41,') ? line.replace('"effect":"allow"', '"effect":"deny"') : line,
    )
    writeFileSync(file('edited.ndjson'), changed.join('\n'))
    writeFileSync(file('cut.ndjson'), lines.slice(0, 80).join('\n'))
  })
  beforeEach(() => {
    // No database is asked for anything.
    vi.stubEnv('CONSOLE_DATABASE_URL', 'postgresql://nobody@127.0.0.1:1/none')
  })

  test('an export verifies without a database, and is for its owner only', async () => {
    expect(statSync(file('export.ndjson')).mode & 0o777).toBe(0o600)
    const { code, out } = await intercept('audit', 'verify', '--file', file('export.ndjson'), ...anchors())
    expect([code, out.split('.')[0]]).toEqual([0, 'Nothing was found wrong: 120 records in 1 chain, 0'])
  })

  test('tampering ends with 1 and names the first bad record', async () => {
    const { code, out } = await intercept('audit', 'verify', '--file', file('edited.ndjson'), ...anchors())
    expect(code).toBe(1)
    expect(out).toContain('TAMPERED WITH: 1 edited')
    const { id } = JSON.parse(made.links[40]?.record ?? '')
    expect(out).toContain(`First bad record: number 41 of chain ${made.chain}, decision ${id}`)
  })

  test('--json prints the report', async () => {
    const { code, out } = await intercept('audit', 'verify', '--file', file('cut.ndjson'), ...anchors(), '--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ isIntact: false, counts: { truncated: expect.any(Number) } })
  })

  test.each<[string, string[], number, string]>([
    ['another key', ['--checkpoints', 'outside.ndjson', '--key', 'other.pem'], 1, 'forged checkpoint'],
    ['no file', ['--file', 'nowhere.ndjson'], 2, 'there is no such file'],
    ['another file', ['--file', 'public.pem'], 2, 'Line 1'],
    ['a key that is none', ['--key', 'outside.ndjson'], 2, 'no Ed25519 public key'],
    ['checkpoints that are none', ['--checkpoints', 'public.pem'], 2, 'is no checkpoint'],
  ])('with %s', async (_, given, code, message) => {
    const words = given.map(word => (word.startsWith('--') ? word : file(word)))
    const ran = await intercept('audit', 'verify', '--file', file('export.ndjson'), ...words)
    expect(ran.code).toBe(code)
    expect(ran.out + ran.err).toContain(message)
  })
})

describe('export', () => {
  test('narrowed says so, and with proof it can be verified', async () => {
    const narrowed = ['audit', 'export', '--identity', 'nobody', '--since', '2020-01-01']
    const { out } = await intercept(...narrowed)
    expect(JSON.parse(out.split('\n')[0] ?? '')).toMatchObject({
      filter: [{ field: 'identity', values: ['nobody'] }],
      proof: false,
    })
    await intercept(...narrowed, '--proof', '--output', file('proof.ndjson'))
    const verified = await intercept('audit', 'verify', '--file', file('proof.ndjson'), ...anchors())
    expect(verified).toMatchObject({ code: 0 })
    expect(readFileSync(file('proof.ndjson'), 'utf8')).not.toContain('"record"')
  })

  test.each<[string, string[], string]>([
    ['a time that is none', ['--since', 'soon'], '--since'],
    ['an effect that is none', ['--effect', 'maybe'], 'no value of effect'],
    ['proof of nothing', ['--proof'], 'narrowed export'],
    ['proof in a table', ['--proof', '--format', 'csv', '--tool', 'x'], '--format ndjson'],
    ['a file that is there', ['--output', 'public.pem'], 'there already'],
  ])('refuses %s', async (_, given, message) => {
    const words = given.map(word => (word === 'public.pem' ? file(word) : word))
    const { code, err } = await intercept('audit', 'export', ...words)
    expect([code, err]).toEqual([2, expect.stringContaining(message)])
  })

  test('CSV to standard output', async () => {
    const { code, out } = await intercept('audit', 'export', '--format', 'csv')
    expect([code, out.split('\r\n').length]).toEqual([0, 122])
  })
})

test('key prints the public half, and rotate-key changes it', async () => {
  const none = await intercept('audit', 'key')
  expect([none.code, none.err]).toEqual([2, expect.stringContaining('npm start')])
  const { code, out } = await intercept('audit', 'rotate-key')
  expect([code, out]).toEqual([0, expect.stringContaining('takes its place')])
  const printed = await intercept('audit', 'key')
  expect(printed.out).toContain('BEGIN PUBLIC KEY')
  expect(statSync(file('audit-signing-key.pem')).mode & 0o777).toBe(0o600)
  await intercept('audit', 'rotate-key')
  expect((await intercept('audit', 'key')).out).not.toBe(printed.out)
})

test('tail prints what is there and what comes, each record once, late ones too', async () => {
  replaceDatabase(base.database)
  const stopping = new AbortController()
  const now = Date.now()
  await recordAs(base.proxyUrl, [decisionAt(now, { tool: 'first' })])
  const filter = { conditions: [], range: { preset: '1h' } } as const
  const printed: string[] = []
  const lines = follow(memberWith('viewer'), filter, 1, row => `${row.tool}\n`, stopping.signal)
  printed.push((await lines.next()).value)
  await recordAs(base.proxyUrl, [decisionAt(now - 5_000, { tool: 'late' }), decisionAt(now + 1, { tool: 'second' })])
  printed.push((await lines.next()).value)
  await recordAs(base.proxyUrl, [decisionAt(now + 2, { tool: 'third' })])
  printed.push((await lines.next()).value)
  stopping.abort()
  expect((await lines.next()).done).toBe(true)
  replaceDatabase(undefined)
  expect(printed.join('')).toBe('first\nlate\nsecond\nthird\n')
})
