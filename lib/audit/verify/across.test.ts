import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Checkpoint, checkpointDigest, type SeenCheckpoint } from '../checkpoint'
import { type Authority, authorityProblem, startAuthority } from '../testing/authority'
import { chainOf, checkpointAt, newSigningKey, type TestChain } from '../testing/chains'
import type { CheckpointTimestamp } from '../timestamp/model'
import { stampCheckpoint } from '../timestamp/request'
import { RecordVerifier, type VerifierOptions } from './verifier'

// What the checkpoints of one proxy say of another: a whole proxy cannot be taken out of the record.

const seenOf = (checkpoint: Checkpoint): SeenCheckpoint => {
  const { proxy, chain, sequence } = checkpoint
  return { proxy, chain, sequence, digest: checkpointDigest(checkpoint) }
}
const last = (of: TestChain) => of.checkpoints.at(-1) as Checkpoint
const key = newSigningKey()
const other = chainOf(50, { chain: '01a00000-0000-7000-8000-00000000000d', key, fields: { proxy: 'proxy-2' } })
const own = chainOf(50, { key, seen: [seenOf(last(other))] })

function verify(chains: readonly TestChain[], options: Partial<VerifierOptions> = {}) {
  const inside = chains.flatMap(({ checkpoints }) => checkpoints)
  const usual = { outside: [], inside, keys: [key.publicKey], scope: 'whole', slices: [] } as const
  const verifier = new RecordVerifier({ ...usual, ...options })
  for (const link of chains.flatMap(({ links }) => links)) verifier.add(link)
  return verifier.finish()
}

test('checkpoints of both versions verify beside each other', () => {
  expect([last(own).version, last(other).version]).toEqual([2, 1])
  expect(verify([own, other])).toMatchObject({ isIntact: true, records: 200, counts: {} })
})

test('what is named in a checkpoint is signed along', () => {
  const [first, ...rest] = own.checkpoints as [Checkpoint, ...Checkpoint[]]
  for (const change of [{ seen: [] }, { statement: 'a'.repeat(64) }, { version: 1 as const }]) {
    const report = verify([{ ...own, checkpoints: [{ ...first, ...change }, ...rest] }, other])
    expect(report.counts).toMatchObject({ forged_checkpoint: 1 })
  }
})

describe('of another proxy', () => {
  test('the whole chain and all its checkpoints dropped is found, by what the first one named', () => {
    const report = verify([own])
    expect(report.counts).toEqual({ dropped_chain: 100 })
    expect(report.findings[0]).toMatchObject({ kind: 'dropped_chain', chain: other.chain, sequence: 1 })
    expect(report.findings[0]?.message).toContain(
      'proxy-1 saw by 2026-11-22T00:00:10.000Z that proxy-2 had signed 100 records',
    )
  })

  test('also with nothing but the first one’s checkpoints from outside', () => {
    expect(verify([own], { inside: [], outside: own.checkpoints }).counts).toEqual({ dropped_chain: 100 })
  })

  test('the end cut off with its checkpoints is found', () => {
    const cut = { ...other, links: other.links.slice(0, 70), checkpoints: other.checkpoints.slice(0, 7) }
    const report = verify([own, cut])
    expect(report.counts).toEqual({ truncated: 30 })
    expect(report.findings[0]).toMatchObject({ kind: 'truncated', chain: other.chain, sequence: 71 })
  })

  test('its checkpoints alone removed is found', () => {
    expect(verify([own, { ...other, checkpoints: [] }]).counts).toEqual({ missing_checkpoint: 1 })
  })

  test('a chain that only lies in the future of the first one is not missed', () => {
    const later = chainOf(5, { chain: '01a00000-0000-7000-8000-00000000000e', key, fields: { proxy: 'proxy-3' } })
    expect(verify([own, other, later])).toMatchObject({ isIntact: true })
  })
})

test('a statement of retention that a checkpoint names and that is gone is found', () => {
  const naming = checkpointAt(own.links, key, last(own), { seen: [], statement: 'b'.repeat(64) })
  expect(verify([{ ...own, checkpoints: [...own.checkpoints, naming] }, other]).counts).toEqual({
    missing_statement: 1,
  })
})

describe.skipIf(authorityProblem)('time-stamps', () => {
  let folder: string
  let authority: Authority
  let stamp: CheckpointTimestamp
  let authorities: X509Certificate[]
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'intercept-stamps-'))
    authority = await startAuthority(folder)
    authorities = [new X509Certificate(authority.root)]
    stamp = await stampCheckpoint(authority.url, own.checkpoints[4] as Checkpoint)
  })
  afterAll(async () => {
    await authority.stop()
    rmSync(folder, { recursive: true })
  })

  test('say how far a chain was seen, and when', () => {
    const report = verify([own, other], { stamps: [stamp], authorities })
    expect(report).toMatchObject({ isIntact: true, notes: [expect.any(String)] })
    expect(report.chains.map(({ stampedTo }) => stampedTo)).toEqual([{ sequence: 50, time: stamp.time }, null])
  })

  test('are not believed unchecked', () => {
    const report = verify([own, other], { stamps: [stamp] })
    expect(report.chains[0]?.stampedTo).toBeNull()
    expect(report.notes.join(' ')).toContain('--tsa-certificate')
  })

  test.each<[string, (stamp: CheckpointTimestamp) => CheckpointTimestamp]>([
    ['for another checkpoint', given => ({ ...given, checkpoint: checkpointDigest(own.checkpoints[5] as Checkpoint) })],
    ['of another time', given => ({ ...given, time: '2026-01-01T00:00:00.000Z' })],
    ['that is none', given => ({ ...given, token: 'AAAA' })],
    [
      'with its last byte changed',
      given => {
        const token = Buffer.from(given.token, 'base64')
        token[token.length - 1] = (token.at(-1) ?? 0) ^ 1
        return { ...given, token: token.toString('base64') }
      },
    ],
  ])('%s are found', (_, change) => {
    const report = verify([own, other], { stamps: [change(stamp)], authorities })
    expect(report.counts).toEqual({ forged_timestamp: 1 })
  })
})
