import { createServer } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { checkDatabase, databaseSentence } from './database-sentence'

let db: TestDatabase
/** Takes connections and says nothing of Postgres. */
const mute = createServer(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
beforeAll(async () => {
  db = await testDatabase()
  await new Promise<void>(resolve => mute.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  mute.close()
  await db.close()
})

async function sentenceOf(work: Promise<unknown>): Promise<string | null> {
  return work.then(
    () => 'it worked',
    error => databaseSentence(error),
  )
}

const changed = (change: Partial<URL>) => Object.assign(new URL(db.ownerUrl), change).href

describe('a DATABASE_URL that cannot work is told in one sentence', () => {
  const cases: [string, () => string, RegExp][] = [
    ['not an address', () => 'localhost:5432/intercept', /not an address of Postgres.*postgresql:\/\/user/],
    ['another scheme', () => 'mysql://me@localhost/x', /not an address of Postgres/],
    ['nobody listens', () => changed({ port: '1' }), /Nothing listens.*Start that Postgres/],
    ['unknown host', () => changed({ hostname: 'nowhere.invalid' }), /host in DATABASE_URL/],
    ['wrong password', () => changed({ password: 'guessed' }), /password is wrong/],
    ['no such database', () => changed({ pathname: '/absent' }), /database is not there.*Create it first/],
    ['not Postgres', () => `postgresql://me@127.0.0.1:${(mute.address() as { port: number }).port}/x`, /DATABASE_URL/],
  ]
  test.each(cases)('%s', async (_, url, sentence) => {
    const said = await sentenceOf(checkDatabase(url()))
    expect(said).toMatch(sentence)
    expect(said).not.toMatch(/\n/)
  })

  test('a role that does not own the database', async () => {
    expect(await sentenceOf(checkDatabase(db.consoleUrl))).toMatch(/role intercept_console_\w+ may not create tables/)
  })

  test('a right that is missed later on', async () => {
    const owner = new pg.Client({ connectionString: db.consoleUrl })
    await owner.connect()
    try {
      const said = await sentenceOf(owner.query('SELECT ensure_partitions(1)'))
      expect(said).toMatch(/role lacks a right: permission denied for function ensure_partitions\. It has to own/)
    } finally {
      await owner.end()
    }
  })

  test('the right one passes', async () => {
    expect(await sentenceOf(checkDatabase(db.ownerUrl))).toBe('it worked')
  })
})

test.each([
  [Object.assign(new Error('write'), { code: 'ENOSPC' }), /disk is full/],
  [Object.assign(new Error('could not extend file: No space left on device'), { code: '53100' }), /full/],
  [new Error('initdb could not make x: No space left on device'), /disk is full/],
])('a full disk is told as such: %s', (error, sentence) => {
  expect(databaseSentence(error)).toMatch(sentence)
})

test('a fault of ours keeps its stack', () => {
  expect(databaseSentence(new TypeError('x is undefined'))).toBeNull()
})
