import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { genesis, type Link, type LinkKind } from '../chain'
import { type Checkpoint, checkpointDigest, signCheckpoint } from '../checkpoint'
import { checkpointLine, endLine, headLine, linkLine } from '../export/ndjson'
import { linkAfter, newSigningKey } from '../testing/chains'
import { decisionAt, outcomeOf } from '../testing/records'
import { verifyExport } from './export-file'

// Issue 5: a million records verify in under 20 s, offline. `npm test` does a fiftieth of that, `npm run test:long` all of it.
const RECORDS = process.env.INTERCEPT_LONG ? 1_000_000 : 20_000
const CHAIN = '01a00000-0000-7000-8000-00000000000f'
const key = newSigningKey()

let folder: string
let file: string
const outside: Checkpoint[] = []

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'intercept-million-'))
  file = path.join(folder, 'export.ndjson')
  await writeExport()
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** Records like life: some 900 bytes, an outcome behind each decision, a checkpoint on each thousand. */
async function writeExport(): Promise<void> {
  const body = path.join(folder, 'body')
  const handle = await open(body, 'w')
  let head: Link = { chain: CHAIN, sequence: 0, hash: genesis(CHAIN) }
  let text = ''
  const append = (kind: LinkKind, value: object) => {
    const link = linkAfter(head.hash, { chain: CHAIN, sequence: head.sequence + 1, kind }, JSON.stringify(value))
    head = link
    text += linkLine(link, Math.ceil(link.sequence / 1_000) * 1_000)
    if (head.sequence % 1_000 === 0) sign(head)
  }
  for (let i = 0; i < RECORDS / 2; i++) {
    const decision = decisionAt(Date.UTC(2026, 10, 22) + i, like(i))
    append('decision', decision)
    append('outcome', outcomeOf(decision, { duration_ms: (i % 9_973) / 7 }))
    if (text.length > 1_000_000) {
      await handle.write(text)
      text = ''
    }
  }
  await handle.write(text + endLine(RECORDS))
  await handle.close()
  const parts = [
    { chain: CHAIN, proxy: 'proxy-1', from: 1, readFrom: 1, to: RECORDS, before: genesis(CHAIN), checkpoints: outside },
  ]
  const about = { isWhole: true, conditions: [], since: null, until: null, proof: false, parts }
  const all = await open(file, 'w')
  await all.write(headLine({ ...about, madeBy: 'test', madeAt: new Date() }) + outside.map(checkpointLine).join(''))
  for await (const chunk of createReadStream(body, { highWaterMark: 1 << 20 })) await all.write(chunk)
  await all.close()
}

function like(i: number) {
  return {
    arguments: { action: 'query', workflow: `invoice-${i % 300}`, input: { amount: i / 8, note: 'n'.repeat(i % 200) } },
    session: '01a00000-0000-7000-8000-000000000001',
    reasons: [{ rule: 'workflow_interact#1', line: 7, policy: 'mistral', effect: 'allow' }],
    argument_digest: i.toString(16).padStart(64, '0'),
    definition_digest: 'd'.repeat(64),
  }
}

function sign({ chain, sequence, hash }: Link): void {
  const previous = outside.at(-1)
  const statement = {
    proxy: 'proxy-1',
    chain,
    sequence,
    hash,
    time: new Date(Date.UTC(2026, 10, 22) + sequence).toISOString(),
    previous: previous ? checkpointDigest(previous) : null,
    next_key: null,
  }
  outside.push(signCheckpoint(statement, key))
}

async function* changed(change: (line: string) => string) {
  const lines = createInterface({ input: createReadStream(file, { highWaterMark: 1 << 20 }) })
  for await (const line of lines) yield change(line)
}
const verify = (change: (line: string) => string = line => line) =>
  verifyExport(changed(change), { outside, keys: [key.publicKey] })

test('an untouched export of a million records verifies in under 20 s', async () => {
  const startedAt = performance.now()
  const report = await verify()
  const seconds = (performance.now() - startedAt) / 1000
  process.stdout.write(`verified ${RECORDS} records in ${seconds.toFixed(2)} s\n`)
  expect(report).toMatchObject({ isIntact: true, records: RECORDS, chains: [{ anchoredTo: RECORDS, notAnchored: 0 }] })
  expect(seconds).toBeLessThan(20)
}, 120_000)

test('one changed letter among them is found', async () => {
  const victim = RECORDS / 2 + 1
  const report = await verify(line =>
    line.includes(`"sequence":${victim},`)
      ? line.replace('"tool":"workflow_interact"', '"tool":"workflow_execute"')
      : line,
  )
  expect(report.findings).toMatchObject([{ kind: 'edited', sequence: victim }])
}, 120_000)
