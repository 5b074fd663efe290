import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from './testing'

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(() => db.close())

const PID = 'SELECT pg_backend_pid() AS pid'
const end = (pid: unknown) => db.database.sql.query('SELECT pg_terminate_backend($1)', [pid])

test('a connection that dies while somebody holds it rejects what runs on it, and ends nothing else', async () => {
  const died: Error[] = []
  const remember = (error: Error) => died.push(error)
  process.on('uncaughtExceptionMonitor', remember)
  try {
    const held = await db.database.pool.connect()
    const { rows } = await held.query<{ pid: number }>(PID)
    const running = held.query('SELECT pg_sleep(30)').catch((error: unknown) => error)
    await end(rows[0]?.pid)
    expect(await running).toBeInstanceOf(Error)
    await sleep(50)
    await expect(held.query('SELECT 1')).rejects.toThrow()
    held.release(true)
    expect((await db.database.sql.query(PID)).length).toBe(1)
    expect(died).toEqual([])
  } finally {
    process.off('uncaughtExceptionMonitor', remember)
  }
})

test('one that dies while it is idle is replaced', async () => {
  const [idle] = await db.database.sql.query<{ pid: number }>(PID)
  const other = await db.database.pool.connect()
  await other.query('SELECT pg_terminate_backend($1)', [idle?.pid]).catch(() => undefined)
  other.release()
  await sleep(50)
  expect((await db.database.sql.query(PID)).length).toBe(1)
})
