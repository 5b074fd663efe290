import { describe, expect, test } from 'vitest'
import { canonicalRecord, linkHash, sha256 } from '../chain'
import { type Checkpoint, checkpointDigest, signCheckpoint } from '../checkpoint'
import { chainOf, checkpointAt, newSigningKey, rechain } from '../testing/chains'
import type { LinkInput } from './model'
import { RecordVerifier, type VerifierOptions } from './verifier'

// DESIGN §6: what somebody who can write to the database, but holds no key, does to the record is found and named.

const { chain, key, links, checkpoints } = chainOf(50)
const at = (sequence: number) => links[sequence - 1] as LinkInput

function verify(given: readonly LinkInput[], options: Partial<VerifierOptions> = {}) {
  const verifier = new RecordVerifier({
    outside: checkpoints,
    inside: checkpoints,
    keys: [key.publicKey],
    scope: options.slices ? 'part' : 'whole',
    slices: [],
    ...options,
  })
  for (const link of given) verifier.add(link)
  return verifier.finish()
}

/** A record with something in it changed; its stored hash stays. */
function changed(link: LinkInput, change: (record: Record<string, unknown>) => object): LinkInput {
  const record = canonicalRecord(JSON.stringify(change(JSON.parse(link.record ?? ''))))
  return { ...link, record, digest: sha256(record) }
}
const replaced = (...instead: LinkInput[]) =>
  links.map(link => instead.find(({ sequence }) => sequence === link.sequence) ?? link)
const without = (...sequences: number[]) => links.filter(link => !sequences.includes(link.sequence))
const numbered = (link: LinkInput, { sequence, hash }: LinkInput): LinkInput => ({ ...link, sequence, hash })

test('an untouched chain is intact, and all of it is anchored', () => {
  const report = verify(links)
  expect(report).toMatchObject({ isIntact: true, records: 100, findings: [], notes: [] })
  expect(report.chains).toEqual([
    {
      chain,
      proxy: 'proxy-1',
      first: 1,
      last: 100,
      records: 100,
      anchoredTo: 100,
      signedTo: 100,
      notAnchored: 0,
      dropped: 0,
      stampedTo: null,
    },
  ])
})

test('what came after the last outside checkpoint is called not anchored', () => {
  const report = verify(links, { outside: checkpoints.slice(0, 7) })
  expect(report.isIntact).toBe(true)
  expect(report.chains[0]).toMatchObject({ anchoredTo: 70, signedTo: 100, notAnchored: 30 })
})

test('without any checkpoint from outside it says what it cannot tell', () => {
  const report = verify(links.slice(0, 60), { outside: [], inside: [] })
  expect(report.isIntact).toBe(true)
  expect(report.chains[0]).toMatchObject({ anchoredTo: 0, signedTo: 0, notAnchored: 60 })
  expect(report.notes.join(' ')).toContain('cannot be told')
})

const exchangedCalls = (a: LinkInput, b: LinkInput) => {
  const [ofA, ofB] = [JSON.parse(a.record ?? ''), JSON.parse(b.record ?? '')]
  const call = ({ decision_id, decision_time }: { decision_id: string; decision_time: string }) => ({
    decision_id,
    decision_time,
  })
  return replaced(
    changed(a, record => ({ ...record, ...call(ofB) })),
    changed(b, record => ({ ...record, ...call(ofA) })),
  )
}
const exchangedResults = (a: LinkInput, b: LinkInput) => {
  const [ofA, ofB] = [JSON.parse(a.record ?? ''), JSON.parse(b.record ?? '')]
  const { decision_id, decision_time } = ofA
  return replaced(
    changed(a, () => ({ ...ofB, decision_id, decision_time })),
    changed(b, () => ({ ...ofA, decision_id: ofB.decision_id, decision_time: ofB.decision_time })),
  )
}
const renumbered = without(41).map((link, i) => (i < 40 ? link : { ...link, sequence: link.sequence - 1 }))
const edited = changed(at(41), record => ({ ...record, effect: 'deny' }))

test.each<[what: string, given: LinkInput[], kind: string, sequence: number, count: number]>([
  ['a decision edited', replaced(edited), 'edited', 41, 1],
  ['an outcome edited', replaced(changed(at(42), r => ({ ...r, is_error: true }))), 'edited', 42, 1],
  ['a member added', replaced(changed(at(41), r => ({ ...r, extra: 1 }))), 'edited', 41, 1],
  ['the first record edited', replaced(changed(at(1), r => ({ ...r, tool: 'x' }))), 'edited', 1, 1],
  ['the last record edited', replaced(changed(at(100), r => ({ ...r, kind: 'error' }))), 'edited', 100, 1],
  ['a decision taken for an outcome', replaced({ ...at(41), kind: 'outcome' }), 'edited', 41, 1],
  ['one record deleted', without(41), 'missing', 41, 1],
  ['a call and its outcome deleted', without(41, 42), 'missing', 41, 2],
  ['the first records deleted', links.slice(5), 'missing', 1, 5],
  ['two records exchanged', replaced(numbered(at(41), at(43)), numbered(at(43), at(41))), 'reordered', 41, 2],
  ['two neighbours exchanged', replaced(numbered(at(41), at(42)), numbered(at(42), at(41))), 'reordered', 41, 2],
  [
    'two lines exchanged in a file',
    [...links.slice(0, 40), at(43), at(42), at(41), ...links.slice(43)],
    'reordered',
    41,
    2,
  ],
  ['two outcomes at each other’s calls', exchangedCalls(at(42), at(44)), 'swapped_outcome', 42, 2],
  ['the results of two calls exchanged', exchangedResults(at(42), at(50)), 'swapped_outcome', 42, 2],
  ['a record put in twice', [...links.slice(0, 41), { ...at(7), sequence: 41 }, ...links.slice(41)], 'inserted', 41, 1],
  ['the end cut off', links.slice(0, 75), 'truncated', 76, 25],
  ['an edit with all hashes after it made anew', rechain(replaced(edited)), 'replaced', 41, 1],
  ['the whole chain made anew', rechain(links.map(l => changed(l, r => ({ ...r, message: 'x' })))), 'replaced', 1, 1],
  ['nothing left of a chain', [], 'truncated', 1, 100],
])('%s is found', (_, given, kind, sequence, count) => {
  const report = verify(given)
  expect(report.isIntact).toBe(false)
  expect(report.findings[0]).toMatchObject({ kind, chain, sequence })
  expect(report.counts).toMatchObject({ [kind]: count })
  // One cause is not reported under other names too.
  expect(Object.keys(report.counts)).toEqual([kind])
})

test('a record deleted and the rest numbered anew is found as one that is missing, and a chain that ends early', () => {
  const report = verify(renumbered)
  expect(report.findings[0]).toMatchObject({ kind: 'missing', sequence: 41 })
  expect(report.counts).toEqual({ missing: 1, truncated: 1 })
})

describe('a chain in the place of another', () => {
  const other = chainOf(50, { chain: '01a00000-0000-7000-8000-00000000000d', key: newSigningKey() })

  test('is told from a chain that was only removed', () => {
    const report = verify(other.links, { inside: [] })
    expect(report.findings).toMatchObject([{ kind: 'replaced', chain, sequence: 1 }])
    expect(report.findings[0]?.message).toContain(other.chain)
  })

  test('is no better with checkpoints that another key signed', () => {
    const report = verify(other.links, { inside: other.checkpoints })
    expect(report.counts).toMatchObject({ forged_checkpoint: 10, replaced: 100 })
  })

  test('that nobody signed, beside the first one, is named', () => {
    const report = verify([...links, ...other.links])
    expect(report.notes.join(' ')).toContain(`Nobody signed chain ${other.chain} (100 records)`)
  })

  test('beside the first one is a second chain, as after a lost disk', () => {
    const signed = chainOf(50, { chain: other.chain, key })
    const both = [...checkpoints, ...signed.checkpoints]
    expect(verify([...links, ...signed.links], { outside: both, inside: both })).toMatchObject({
      isIntact: true,
      records: 200,
    })
  })
})

describe('checkpoints', () => {
  const [first, second] = checkpoints as [Checkpoint, Checkpoint]

  test.each<[string, Checkpoint]>([
    ['another number', { ...second, sequence: 30 }],
    ['another hash', { ...second, hash: first.hash }],
    ['another time', { ...second, time: '2026-11-23T00:00:00.000Z' }],
    ['no predecessor', { ...second, previous: null }],
    ['another key announced', { ...second, next_key: newSigningKey().publicKey }],
  ])('with %s are forged', (_, forged) => {
    const report = verify(links, { outside: [first, forged], inside: [] })
    expect(report.findings).toMatchObject([{ kind: 'forged_checkpoint' }])
  })

  test('of a new key count when the old key named it, and not else', () => {
    const next = newSigningKey()
    const { version, key: by, signature, ...statement } = first
    const announcing = signCheckpoint(
      { ...statement, previous: checkpointDigest(first), next_key: next.publicKey },
      key,
    )
    const after = checkpointAt(links, next, announcing)
    expect([version, by, signature]).toHaveLength(3)
    const announced = verify(links, { outside: [first, announcing, after], inside: [] })
    expect(announced).toMatchObject({ isIntact: true, chains: [{ anchoredTo: 100 }] })
    const silent = verify(links, { outside: [first, after], inside: [] })
    expect(silent.findings).toMatchObject([{ kind: 'forged_checkpoint' }])
  })

  test('without a given key are believed from the first on, which is said', () => {
    const trusting = verify(links, { keys: [] })
    expect(trusting.isIntact).toBe(true)
    expect(trusting.notes.join(' ')).toContain('--key')
    const forged = checkpointAt(links, newSigningKey(), checkpoints.at(-1))
    expect(verify(links, { keys: [], inside: [...checkpoints, forged] }).findings).toMatchObject([
      { kind: 'forged_checkpoint' },
    ])
  })
})

describe('a part of a chain', () => {
  const slice = { chain, from: 31, to: 80, before: at(30).hash }
  const part = links.slice(30, 80)

  test('is verified from the link before it', () => {
    expect(verify(part, { slices: [slice] })).toMatchObject({
      isIntact: true,
      chains: [{ first: 31, last: 80, anchoredTo: 80 }],
    })
  })

  test.each<[string, LinkInput[], Partial<typeof slice>, string, number]>([
    ['begins later than it says', part.slice(2), {}, 'missing', 31],
    ['ends earlier than it says', part.slice(0, 30), {}, 'truncated', 61],
    ['is empty', [], {}, 'truncated', 31],
    ['follows on another link', part, { before: at(29).hash }, 'edited', 31],
    ['is edited', part.map(link => (link.sequence === 41 ? edited : link)), {}, 'edited', 41],
  ])('that %s is found', (_, given, other, kind, sequence) => {
    expect(verify(given, { slices: [{ ...slice, ...other }] }).findings[0]).toMatchObject({ kind, sequence })
  })

  test('may leave records out whose digests it gives, and still proves the others', () => {
    const proof = part.map(link => (link.sequence % 5 === 0 ? link : { ...link, record: null }))
    expect(verify(proof, { slices: [slice] })).toMatchObject({ isIntact: true, chains: [{ anchoredTo: 80 }] })
    const lie = proof.map(link => (link.sequence === 45 ? changed(at(45), r => ({ ...r, effect: 'deny' })) : link))
    expect(verify(lie, { slices: [slice] }).findings).toMatchObject([{ kind: 'edited', sequence: 45 }])
  })
})

test('a record without a place is found, unless its proxy kept no chain yet', () => {
  const verifier = new RecordVerifier({ outside: [], inside: [], keys: [], scope: 'whole', slices: [] })
  verifier.addUnlinked(at(1).record ?? '', false)
  verifier.addUnlinked(at(3).record ?? '', true)
  const report = verifier.finish()
  expect(report.findings).toMatchObject([{ kind: 'unlinked', decision: JSON.parse(at(3).record ?? '').id }])
  expect(report.notes.join(' ')).toContain('1 records are from before')
})

test('findings are bounded, and counted on', () => {
  const all = links.map(link => changed(link, record => ({ ...record, message: 'x' })))
  const report = verify(all, { outside: [], inside: [] })
  expect(report.counts.edited).toBe(100)
  expect(linkHash(at(1).hash, 2, 'outcome', at(2).digest)).toBe(at(2).hash)
})
