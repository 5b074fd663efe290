import { expect, test } from 'vitest'
import { openCredentials, sealCredentials } from './credentials'

const secret = 'a secret of at least thirty-two characters'
const credentials = { environment: { API_KEY: 'sk-very-secret' }, headers: { Authorization: 'Bearer abc' } }
const sealedFor = (id: string) => sealCredentials(secret, id, credentials)

test('what was sealed opens again, and shows nothing while sealed', () => {
  const sealed = sealedFor('one')
  expect(openCredentials(secret, { id: 'one', slug: 's', sealed })).toEqual(credentials)
  expect(Buffer.from(sealed ?? []).toString('latin1')).not.toMatch(/secret|Bearer|API_KEY/)
})

test('another secret, another server or a changed byte does not open it', () => {
  const sealed = sealedFor('one')
  const bent = new Uint8Array(sealed ?? [])
  bent[20] = (bent[20] ?? 0) ^ 1
  const says = /do not open with this INTERCEPT_SECRET/
  expect(() => openCredentials(`${secret}!`, { id: 'one', slug: 's', sealed })).toThrow(says)
  expect(() => openCredentials(secret, { id: 'two', slug: 's', sealed })).toThrow(says)
  expect(() => openCredentials(secret, { id: 'one', slug: 's', sealed: bent })).toThrow(says)
})

test('nothing to seal is stored as nothing', () => {
  const none = { environment: {}, headers: {} }
  expect(sealCredentials(secret, 'one', none)).toBeNull()
  expect(openCredentials(secret, { id: 'one', slug: 's', sealed: null })).toEqual(none)
})
