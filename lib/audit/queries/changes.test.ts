import { afterAll, beforeAll, expect, test } from 'vitest'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { writeChange } from '../changes'
import { memberWith } from '../testing/records'
import { readChange, readChanges } from './index'

const viewer = memberWith('viewer')
let db: TestDatabase

beforeAll(async () => {
  db = await testDatabase()
  replaceDatabase(db.database)
  // One transaction: all carry the same time, so that ids alone must tell the pages apart.
  await db.database.prisma.$transaction(async tx => {
    for (let n = 0; n < 120; n += 1) {
      const entity = n % 2 === 0 ? 'policy' : 'grant'
      const change = { action: `${entity}.change`, entity, entityId: String(n), label: `${entity} ${n}` }
      await writeChange(tx, viewer, { ...change, before: { n }, after: { n: n + 1 } })
    }
  })
})
afterAll(async () => {
  replaceDatabase(undefined)
  await db.close()
})

async function readAll(filter: Parameters<typeof readChanges>[1]) {
  const rows = []
  let before: string | undefined
  do {
    const page = await readChanges(viewer, filter, { before })
    rows.push(...page.rows)
    before = page.older ?? undefined
  } while (before && rows.length < 500)
  return rows
}

test.each([
  [{}, 120],
  [{ entity: 'policy' }, 60],
  [{ entity: 'grant', action: 'grant.change' }, 60],
  [{ actor: 'nobody' }, 0],
])('pages of %j hold each change once, newest first', async (filter, count) => {
  const rows = await readAll(filter)
  expect(new Set(rows.map(row => row.id)).size).toBe(count)
  expect(rows).toHaveLength(count)
  const times = rows.map(row => row.time.getTime())
  expect(times).toEqual([...times].sort((a, b) => b - a))
})

test('a change holds what was and what is, between its neighbours', async () => {
  const rows = await readAll({})
  const detail = await readChange(viewer, rows[1]?.id ?? '', {})
  expect(detail.after).toEqual({ n: Number(detail.entityId) + 1 })
  expect(detail.before).toEqual({ n: Number(detail.entityId) })
  expect([detail.newer, detail.older]).toEqual([rows[0]?.id, rows[2]?.id])
})

test.each(['nothing', '01a00000-0000-7000-8000-000000000000'])('no change has the id %s', async id => {
  await expect(readChange(viewer, id, {})).rejects.toMatchObject({ kind: 'not_found' })
})

test('nobody without a role reads it', async () => {
  await expect(readChanges(memberWith(), {})).rejects.toMatchObject({ kind: 'forbidden' })
})
