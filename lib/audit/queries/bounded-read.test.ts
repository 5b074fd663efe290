import { afterAll, beforeAll, expect, test } from 'vitest'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { boundedRead, readOrGiveUp } from './bounded-read'

let db: TestDatabase

beforeAll(async () => {
  db = await testDatabase()
  replaceDatabase(db.database)
})
afterAll(async () => {
  replaceDatabase(undefined)
  await db.close()
})

test('a part that takes too long is missing, and the rest is read with its own bound again', async () => {
  const [part, bound, rest] = await boundedRead(async sql => [
    await readOrGiveUp(sql, 50, () => sql.query('SELECT pg_sleep(5)')),
    await sql.query<{ statement_timeout: string }>('SHOW statement_timeout'),
    await sql.query<{ one: number }>('SELECT 1 AS one'),
  ])
  expect(part).toBeNull()
  expect(bound).toEqual([{ statement_timeout: '5s' }])
  expect(rest).toEqual([{ one: 1 }])
})

test('a whole read that takes too long is refused with what to do', async () => {
  const read = boundedRead(async sql => {
    await sql.query('SET LOCAL statement_timeout = 50')
    return sql.query('SELECT pg_sleep(5)')
  })
  await expect(read).rejects.toMatchObject({ kind: 'invalid', message: expect.stringMatching(/shorter time/) })
})

test('a read writes nothing, and a failed one gives its connection back', async () => {
  for (let n = 0; n < 12; n += 1) {
    await expect(boundedRead(sql => sql.query('DELETE FROM attempts'))).rejects.toThrow(/read-only/)
  }
  expect(await boundedRead(sql => sql.query('SELECT 1 AS one'))).toEqual([{ one: 1 }])
})

test('all numbers of one read come from one moment', async () => {
  const counts = await boundedRead(async sql => {
    const count = () => sql.query<{ n: string }>('SELECT count(*) AS n FROM attempts')
    const before = await count()
    await db.database.sql.query(
      "INSERT INTO attempts (purpose, subject, window_start, count) VALUES ('p', 's', now(), 1)",
    )
    return [before, await count()]
  })
  expect(counts[0]).toEqual(counts[1])
})
