import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureRoles, roleName, scramVerifier } from './roles'
import { type TestDatabase, testDatabase } from './testing'

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(() => db.close())

async function userOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query('SELECT current_user AS name')).rows[0].name
  } finally {
    await client.end()
  }
}

test('roles may be made again, with new passwords; the old ones are void', async () => {
  const again = await ensureRoles(db.ownerUrl, { consolePassword: 'a new one: /?#@é', proxyPassword: 'another' })
  expect(await userOf(again.consoleUrl)).toMatch(/^intercept_console_test_/)
  expect(await userOf(again.proxyUrl)).toMatch(/^intercept_proxy_test_/)
  await expect(userOf(db.consoleUrl)).rejects.toMatchObject({ code: '28P01' })
})

test('no password reaches the server in the clear', () => {
  // RFC 7677 §3, the published example: user, salt and iterations of its exchange.
  const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), 4096)
  expect(verifier).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  )
  expect(verifier).not.toContain('pencil')
})

test.each([
  ['short', 'intercept_console_short'],
  ['x'.repeat(63), expect.stringMatching(/^intercept_console_x{30}_[0-9a-f]{12}$/)],
  ['é'.repeat(31), expect.stringMatching(/^intercept_console_é+_[0-9a-f]{12}$/)],
])('the role of database %s has a name that Postgres keeps whole', (database, name) => {
  expect(roleName('intercept_console', database)).toEqual(name)
  expect(Buffer.byteLength(roleName('intercept_console', database))).toBeLessThanOrEqual(63)
})

test('two long databases never share a role', () => {
  const long = 'x'.repeat(60)
  expect(roleName('intercept_proxy', `${long}a`)).not.toBe(roleName('intercept_proxy', `${long}b`))
})
