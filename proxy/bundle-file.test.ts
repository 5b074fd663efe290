import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BundleFile, type BundleFileSettings } from './bundle-file'
import type { EnforcementParts } from './enforcement'

const HOUR_MS = 3_600_000
const NOW = Date.UTC(2026, 10, 22, 12)
const parts: EnforcementParts = {
  version: 7,
  bundle: null,
  directory: {
    identities: [{ id: 'i', name: 'agent', kind: 'agent', labels: { team: 'ops' } }],
    keys: [{ id: 'k', identityId: 'i', prefix: 'ik_abcdefgh', hash: 'ab'.repeat(32), expiresAt: null }],
    grants: [],
  },
  servers: [
    {
      id: 's',
      slug: 'one',
      transport: 'http',
      command: [],
      url: 'https://one.example',
      allowPrivate: false,
      sealed: Buffer.from([1, 2, 250, 0, 7]),
      drift: 'block',
      argumentsKept: 'masked',
      // A property of a tool may bear any name.
      tools: [
        {
          name: 'post',
          category: 'Write',
          risk: 'medium',
          seenDigest: 'd',
          pinnedDigest: 'd',
          isMissing: false,
          pinned: { name: 'post', inputSchema: { type: 'object', properties: { sealed: { const: 'x' } } } },
        },
      ],
    },
  ],
}

let dataDir = ''
let settings: BundleFileSettings
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'intercept-bundle-'))
  settings = { name: 'here', dataDir, secret: 'one secret of the tests, of no worth', maxAgeMs: 24 * HOUR_MS }
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const opened = (changed: Partial<BundleFileSettings> = {}) => new BundleFile({ ...settings, ...changed })

test('what was written is read whole, by nobody else on the host', async () => {
  const file = opened()
  await file.write({ parts, confirmedAt: NOW })
  const kept = await file.read(NOW + HOUR_MS)
  expect(kept).toEqual({ parts, confirmedAt: NOW })
  expect(statSync(file.path).mode & 0o777).toBe(0o600)
  expect(statSync(path.dirname(file.path)).mode & 0o777).toBe(0o700)
  expect(readFileSync(file.path, 'utf8')).not.toContain('ik_abcdefgh')
})

test('no file is no bundle', async () => {
  expect(await opened().read(NOW)).toBeNull()
})

test('of several writes at once the newest remains, and nothing beside it', async () => {
  const file = opened()
  await Promise.all([1, 2, 3, 4].map(n => file.write({ parts: { ...parts, version: n }, confirmedAt: NOW + n })))
  expect((await file.read(NOW))?.parts.version).toBe(4)
  expect(readdirSync(path.dirname(file.path))).toEqual(['here.json'])
})

const flip = (text: string, at: number) => {
  const { sealed } = JSON.parse(text) as { sealed: string }
  const bytes = Buffer.from(sealed, 'base64')
  const place = at < 0 ? bytes.length + at : at
  bytes[place] = (bytes[place] ?? 0) ^ 1
  return JSON.stringify({ sealed: bytes.toString('base64') })
}

test.each<[what: string, change: (text: string) => string]>([
  ['its version', text => flip(text, 0)],
  ['its nonce', text => flip(text, 5)],
  ['its tag', text => flip(text, 20)],
  ['its first byte', text => flip(text, 29)],
  ['its last byte', text => flip(text, -1)],
  ['half of it', text => text.slice(0, text.length / 2)],
  ['all of it', () => ''],
  ['JSON of another shape', () => '{"parts":{}}'],
  ['nothing but null', () => 'null'],
])('a file with %s changed is refused', async (_what, change) => {
  const file = opened()
  await file.write({ parts, confirmedAt: NOW })
  writeFileSync(file.path, change(readFileSync(file.path, 'utf8')))
  await expect(file.read(NOW)).rejects.toThrow(/was changed, or was written under another INTERCEPT_SECRET/)
})

test('a file of another secret or another proxy is refused', async () => {
  await opened().write({ parts, confirmedAt: NOW })
  await expect(opened({ secret: 'another secret of the tests, of no worth' }).read(NOW)).rejects.toThrow(/another/)
  const other = opened({ name: 'there' })
  writeFileSync(other.path, readFileSync(opened().path))
  await expect(other.read(NOW)).rejects.toThrow(/changed/)
})

test.each([
  ['one millisecond too old', 24 * HOUR_MS + 1, /BUNDLE_MAX_AGE/],
  ['of the day after tomorrow', -48 * HOUR_MS, /in the future/],
])('a file that is %s is refused', async (_what, ageMs, message) => {
  const file = opened()
  await file.write({ parts, confirmedAt: NOW })
  await expect(file.read(NOW + ageMs)).rejects.toThrow(message)
  expect(await file.read(NOW + 24 * HOUR_MS)).not.toBeNull()
})
