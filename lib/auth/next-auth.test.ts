import { decode } from 'next-auth/jwt'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { uuidv7 } from '@/lib/db/uuid'
import { deriveKey } from '@/lib/secret'
import { openSessionCookie, sealSessionId, sessionCookie } from './next-auth'
import { returnPath } from './return-path'
import { contentSecurityPolicy, securityHeaders } from './security-headers'

const secret = 'a secret of at least thirty-two characters'
beforeEach(() => {
  vi.stubEnv('INTERCEPT_SECRET', secret)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

test('the cookie carries the session id and nothing else of the member', async () => {
  const id = uuidv7()
  const value = await sealSessionId(id)
  expect(value).not.toContain(id)
  const opened = await decode({ token: value, secret: deriveKey(secret, 'sessions').toString('base64url') })
  const { iat, exp, jti, ...rest } = opened ?? {}
  expect(rest).toEqual({ sid: id })
  expect([typeof iat, typeof exp, typeof jti]).toEqual(['number', 'number', 'string'])
  expect(await openSessionCookie(value)).toBe(id)
})

test('a cookie that was changed, or sealed by somebody else, is nobody’s', async () => {
  const value = await sealSessionId(uuidv7())
  const at = value.length - 30
  const changed = value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1)
  for (const forged of ['', 'x.y.z', changed, value.slice(0, -1)]) expect(await openSessionCookie(forged)).toBeNull()
})

test.each([
  ['http://localhost:3000', 'intercept.session', false],
  ['https://intercept.example.com', '__Host-intercept.session', true],
])('the cookie under %s', (url, name, secure) => {
  vi.stubEnv('CONSOLE_URL', url)
  expect(sessionCookie()).toEqual({
    name,
    options: { httpOnly: true, sameSite: 'lax', path: '/', secure, maxAge: 7 * 86_400 },
  })
})

test.each([
  ['/audit?effect=deny', '/audit?effect=deny'],
  ['/policies/mistral', '/policies/mistral'],
  [undefined, '/overview'],
  [['/a', '/b'], '/overview'],
  ['', '/overview'],
  ['https://evil.example', '/overview'],
  ['//evil.example', '/overview'],
  ['/\\evil.example', '/overview'],
  ['/\t/evil.example', '/overview'],
  ['javascript:alert(1)', '/overview'],
  ['/sign-in?to=/audit', '/overview'],
  ['/api/auth/signout', '/overview'],
  [`/${'a'.repeat(3_000)}`, '/overview'],
])('after signing in, %j leads to %s', (asked, path) => {
  expect(returnPath(asked)).toBe(path)
})

test('the policy runs no script and no style without the nonce, and lets nobody frame the page', () => {
  const policy = contentSecurityPolicy({ nonce: 'abc', secure: false })
  const directives = new Map(policy.split('; ').map(each => [each.split(' ')[0], each]))
  expect(directives.get('script-src')).toBe(`script-src 'self' 'nonce-abc' 'strict-dynamic'`)
  expect(directives.get('style-src')).toBe(`style-src 'self' 'nonce-abc'`)
  expect(directives.get('default-src')).toBe(`default-src 'none'`)
  expect(directives.get('frame-ancestors')).toBe(`frame-ancestors 'none'`)
  expect(directives.get('base-uri')).toBe(`base-uri 'none'`)
  expect(policy).not.toMatch(/unsafe-eval|https?:|\*|upgrade-insecure/)
})

test('only an https console asks browsers to stay on https', () => {
  expect(securityHeaders({ nonce: 'a', secure: false })).not.toHaveProperty('Strict-Transport-Security')
  expect(securityHeaders({ nonce: 'a', secure: true })).toMatchObject({
    'Strict-Transport-Security': expect.stringMatching(/^max-age=\d{8}/),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
  })
})
