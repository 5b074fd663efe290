import { generateKeyPairSync } from 'node:crypto'
import { canonicalRecord, genesis, type LinkKind, linkHash, sha256 } from '../chain'
import { type Checkpoint, checkpointDigest, type SigningKey, signCheckpoint, signingKeyOf } from '../checkpoint'
import type { DecisionRecord } from '../model'
import type { LinkInput } from '../verify/model'
import { decisionAt, outcomeOf } from './records'

export function newSigningKey(): SigningKey {
  return signingKeyOf(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
}

export interface TestChain {
  readonly chain: string
  readonly key: SigningKey
  readonly links: LinkInput[]
  readonly checkpoints: Checkpoint[]
}

/** The link that follows on `previous`. @param text JSON of the record */
export function linkAfter(
  previous: string,
  place: { chain: string; sequence: number; kind: LinkKind },
  text: string,
): LinkInput {
  const record = canonicalRecord(text)
  const digest = sha256(record)
  return { ...place, digest, record, hash: linkHash(previous, place.sequence, place.kind, digest) }
}

/** Writes a chain anew over these records, as somebody who can change all of it would. */
export function rechain(links: readonly LinkInput[]): LinkInput[] {
  let previous = genesis(links[0]?.chain ?? '')
  return links.map(({ chain, kind, record }, i) => {
    const link = linkAfter(previous, { chain, sequence: i + 1, kind }, record ?? '')
    previous = link.hash
    return link
  })
}

/**
 * A chain of `calls` decisions with outcomes, and a signed checkpoint after each `every` records. @param lag calls that begin
 * before the outcome of one is there
 */
export function chainOf(
  calls: number,
  {
    chain = '01a00000-0000-7000-8000-00000000000c',
    every = 10,
    key = newSigningKey(),
    fields = {} as Partial<DecisionRecord>,
    atMs = Date.UTC(2026, 10, 22),
    stepMs = 1,
    lag = 0,
    seen = undefined as Checkpoint['seen'],
  } = {},
): TestChain {
  const links: LinkInput[] = []
  const checkpoints: Checkpoint[] = []
  const append = (kind: LinkKind, value: object) => {
    const previous = links.at(-1)?.hash ?? genesis(chain)
    links.push(linkAfter(previous, { chain, sequence: links.length + 1, kind }, JSON.stringify(value)))
    if (links.length % every === 0)
      checkpoints.push(checkpointAt(links, key, checkpoints.at(-1), { atMs, proxy: fields.proxy, seen }))
  }
  const waiting: DecisionRecord[] = []
  const answer = (decision: DecisionRecord) =>
    append('outcome', outcomeOf(decision, { duration_ms: links.length + 0.5 }))
  for (let i = 0; i < calls; i++) {
    const decision = decisionAt(atMs + i * stepMs, { arguments: { n: i }, ...fields })
    append('decision', decision)
    waiting.push(decision)
    if (waiting.length > lag) answer(waiting.shift() as DecisionRecord)
  }
  for (const decision of waiting) answer(decision)
  return { chain, key, links, checkpoints }
}

export function checkpointAt(
  links: readonly LinkInput[],
  key: SigningKey,
  before: Checkpoint | undefined,
  {
    atMs = Date.UTC(2026, 10, 22),
    proxy = 'proxy-1',
    seen = undefined as Checkpoint['seen'],
    statement = null as string | null,
  } = {},
): Checkpoint {
  const { chain, sequence, hash } = links.at(-1) as LinkInput
  return signCheckpoint(
    {
      proxy,
      chain,
      sequence,
      hash,
      time: new Date(atMs + sequence * 1000).toISOString(),
      previous: before ? checkpointDigest(before) : null,
      next_key: null,
      ...(seen ? { seen, statement } : {}),
    },
    key,
  )
}
