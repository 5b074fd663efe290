import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { Refusal } from '@/lib/auth/refusal'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { main } from './main'
import { explain, toJson, toTable } from './output'

describe('exit codes', () => {
  test.each([
    [new Refusal('invalid', 'No such tool.', [{ path: 'tools', message: 'No such tool.' }]), 2, 'No such tool.'],
    [new Refusal('invalid', 'Two things.', [{ path: 'a', message: 'First.' }]), 2, 'Two things.\n  a: First.'],
    [new Refusal('forbidden', 'Not you.'), 1, 'Not you.'],
    [new Refusal('not_found', 'No server "x".'), 1, 'No server "x".'],
    [new Refusal('conflict', 'There already.'), 1, 'There already.'],
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 1, expect.stringMatching(/npm start/)],
    [new Error('CONSOLE_DATABASE_URL is not set. Run `npm start` first.'), 2, expect.stringMatching(/npm start/)],
  ])('%s', (error, exitCode, message) => {
    expect(explain(error)).toEqual({ exitCode, message })
  })

  test('a fault of ours is not explained away', () => {
    expect(explain(new TypeError('x is undefined'))).toBeNull()
  })
})

test('JSON carries numbers of the database whole', () => {
  expect(JSON.parse(toJson({ revision: 9007199254740993n, at: new Date(0) }))).toEqual({
    revision: '9007199254740993',
    at: '1970-01-01T00:00:00.000Z',
  })
})

test('a table lines up and ends its lines where the text ends', () => {
  const rows = [
    ['mistral', '8'],
    ['f', ''],
  ]
  expect(toTable(['server', 'tools'], rows)).toBe('server   tools\nmistral  8\nf\n')
})

describe('every command that needs the database', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await testDatabase()
  })
  afterAll(() => db.close())
  afterEach(() => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
    replaceDatabase(undefined)
  })

  async function run(...words: string[]) {
    const out: unknown[] = []
    const err: unknown[] = []
    vi.spyOn(process.stdout, 'write').mockImplementation(chunk => out.push(chunk) > 0)
    vi.spyOn(process.stderr, 'write').mockImplementation(chunk => err.push(chunk) > 0)
    const exitCode = await main(words)
    return { exitCode, out: out.join(''), err: err.join('') }
  }

  test('acts on the database of the environment, as the OS user', async () => {
    vi.stubEnv('CONSOLE_DATABASE_URL', db.consoleUrl)
    const added = await run('identity', 'add', 'ci-runner', '--json')
    expect(added).toMatchObject({ exitCode: 0, err: '' })
    expect(JSON.parse(added.out)).toMatchObject({ name: 'ci-runner' })
    const [change] = await db.database.sql.query<{ actor_kind: string; actor: string }>('SELECT * FROM changes')
    expect(change).toMatchObject({ actor_kind: 'cli', actor: expect.stringMatching(/^\w+@\S+$/) })
  })

  test.each([
    ['a refusal', ['identity', 'add', 'ci-runner'], 1],
    ['an unknown identity', ['key', 'issue', 'nobody'], 1],
    ['a word that is none', ['identity', 'destroy'], 2],
    ['a missing argument', ['grant', 'add'], 2],
  ])('%s ends with its code and a word on standard error', async (_, words, exitCode) => {
    vi.stubEnv('CONSOLE_DATABASE_URL', db.consoleUrl)
    const result = await run(...words)
    expect(result).toMatchObject({ exitCode, out: '' })
    expect(result.err).not.toMatch(/^\s+at /m)
    expect(result.err.trim()).not.toBe('')
  })

  test('with a password that is not the role’s says so', async () => {
    vi.stubEnv('CONSOLE_DATABASE_URL', Object.assign(new URL(db.consoleUrl), { password: 'guessed' }).href)
    const result = await run('identity', 'add', 'x-y')
    expect(result).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/^The database does not let this command in/),
    })
  })

  test('without a database says what to do', async () => {
    vi.stubEnv('CONSOLE_DATABASE_URL', 'postgresql://me:x@127.0.0.1:1/none')
    const result = await run('identity', 'add', 'x-y')
    expect(result).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/^The database does not answer\. .*npm start/),
    })
  })
})
