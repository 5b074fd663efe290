import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Checkpoint, checkpointDigest } from '../checkpoint'
import { type Authority, authorityProblem, startAuthority } from '../testing/authority'
import { chainOf } from '../testing/chains'
import type { CheckpointTimestamp } from './model'
import { stampCheckpoint } from './request'
import { verifyToken } from './token'

// RFC 3161 against OpenSSL's own authority.
if (authorityProblem) process.stdout.write(`Time-stamps are not tested: ${authorityProblem}.\n`)

const [checkpoint, other] = chainOf(10).checkpoints as [Checkpoint, Checkpoint]
let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'intercept-tsa-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(authorityProblem)('an authority', () => {
  let authority: Authority
  let stranger: Authority
  let stamp: CheckpointTimestamp
  const imprint = Buffer.from(checkpointDigest(checkpoint), 'hex')
  const tokenOf = ({ token }: CheckpointTimestamp) => Buffer.from(token, 'base64')
  const certificateOf = ({ root }: Authority) => new X509Certificate(root)

  beforeAll(async () => {
    ;[authority, stranger] = [
      await startAuthority(path.join(folder, 'one')),
      await startAuthority(path.join(folder, 'two'), 'rsa:2048'),
    ]
    stamp = await stampCheckpoint(authority.url, checkpoint)
  })
  afterAll(() => Promise.all([authority.stop(), stranger.stop()]))
  beforeEach(() => {
    Object.assign(authority, { change: null, status: 200 })
  })

  test('stamps a checkpoint, which holds against its root', () => {
    expect(stamp.checkpoint).toBe(checkpointDigest(checkpoint))
    expect(Math.abs(Date.parse(stamp.time) - Date.now())).toBeLessThan(60_000)
    const { time, authority: by } = verifyToken(tokenOf(stamp), { imprint, trusted: [certificateOf(authority)] })
    expect([time.toISOString(), by]).toEqual([stamp.time, 'CN=Test authority'])
  })

  test('that signs with RSA is read too', async () => {
    const { token } = await stampCheckpoint(stranger.url, other)
    const of = { imprint: Buffer.from(checkpointDigest(other), 'hex'), trusted: [certificateOf(stranger)] }
    expect(verifyToken(Buffer.from(token, 'base64'), of).authority).toBe('CN=Test authority')
  })

  test('that nobody trusts is not believed', () => {
    const verify = () => verifyToken(tokenOf(stamp), { imprint, trusted: [certificateOf(stranger)] })
    expect(verify).toThrow('No trusted certificate')
  })

  test('does not speak of another checkpoint', () => {
    const verify = () => verifyToken(tokenOf(stamp), { imprint: Buffer.alloc(32), trusted: [] })
    expect(verify).toThrow('stamps something else')
  })

  test('whatever byte of a token is changed, it holds no more, or says the same', () => {
    const token = tokenOf(stamp)
    const trusted = [certificateOf(authority)]
    let refused = 0
    for (let at = 0; at < token.length; at += 3) {
      const changed = Buffer.from(token)
      changed[at] = (changed[at] ?? 0) ^ 0x01
      try {
        // What nobody signed, as the list of digest algorithms, may change without harm.
        expect(verifyToken(changed, { imprint, trusted }).time.toISOString()).toBe(stamp.time)
      } catch (error) {
        if (error instanceof Error && error.name === 'AssertionError') throw error
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(token.length / 3 / 2)
  })

  test.each<[string, (reply: Buffer) => Buffer, number, string]>([
    ['with an error', reply => reply, 503, 'answered 503'],
    ['with no reply', () => Buffer.from('hello'), 200, 'no time-stamp reply'],
    ['with a refusal', () => Buffer.from([0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02]), 200, 'refused (status 2)'],
    ['with too much', () => Buffer.alloc(200_000), 200, 'too much'],
  ])('that answers %s has not stamped', async (_, change, status, message) => {
    Object.assign(authority, { change, status })
    await expect(stampCheckpoint(authority.url, checkpoint)).rejects.toThrow(message)
  })

  test('that answers an earlier question again is found out by the nonce', async () => {
    let kept: Buffer | undefined
    authority.change = reply => {
      kept ??= reply
      return kept
    }
    await stampCheckpoint(authority.url, checkpoint)
    await expect(stampCheckpoint(authority.url, checkpoint)).rejects.toThrow('nonce')
  })
})
