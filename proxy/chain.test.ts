import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { canonicalRecord, sha256 } from '@/lib/audit/chain'
import { Checkpoint } from '@/lib/audit/checkpoint'
import type { EvidenceSink } from '@/lib/audit/outside/sinks'
import { rotateSigningKey } from '@/lib/audit/signing-key'
import { newSigningKey } from '@/lib/audit/testing/chains'
import { decisionAt, outcomeOf } from '@/lib/audit/testing/records'
import { RecordVerifier } from '@/lib/audit/verify/verifier'
import { Chain, placeOf } from './chain'
import { Checkpoints, openCheckpoints } from './checkpoints'
import { silentLog } from './log'
import { Spool } from './spool'
import { decodeLines } from './spool-lines'
import { until } from './testing/gateway'

// What the proxy writes is a chain that verifies, whatever ended the run before.

let folder: string
let directory: string
let chain: Chain
let spool: Spool
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'intercept-chain-'))
  directory = path.join(folder, 'spool')
  open()
})
afterEach(async () => {
  await spool.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(segmentBytes = 16_000): void {
  chain = new Chain(directory)
  spool = new Spool({ directory, durability: 'append', maxBytes: 1e9, segmentBytes, chain })
}
async function reopen(): Promise<void> {
  await spool.close()
  open()
}

let clock = Date.UTC(2026, 10, 22)
/** A call that is allowed, and its outcome. */
async function call(): Promise<void> {
  const decision = decisionAt(clock++)
  await spool.append('a', JSON.stringify(decision), decision)
  const { decision_id: id, decision_time: time } = outcomeOf(decision)
  await spool.append('o', JSON.stringify(outcomeOf(decision)), { id, time })
}
const many = (count: number) => Promise.all(Array.from({ length: count }, call))

function readLines() {
  const files = readdirSync(directory).filter(name => name.endsWith('.log'))
  const lines = files.sort().flatMap(name => [...decodeLines(readFileSync(path.join(directory, name)), 1e6).lines])
  return lines
}
function verify(lines = readLines()) {
  const checkpoints = lines.flatMap(({ kind, text }) => {
    if (kind !== 'c') return []
    const { digest: _, ...checkpoint } = JSON.parse(text)
    return [Checkpoint.parse(checkpoint)]
  })
  const verifier = new RecordVerifier({ outside: checkpoints, inside: [], keys: [], scope: 'whole', slices: [] })
  for (const line of lines) {
    const place = placeOf(line)
    if (!place) continue
    const record = canonicalRecord(line.text)
    verifier.add({ ...place, kind: line.kind === 'o' ? 'outcome' : 'decision', record, digest: sha256(record) })
  }
  return { ...verifier.finish(), checkpoints }
}

test('records of one batch and of many are one chain', async () => {
  await many(40)
  await call()
  expect(verify()).toMatchObject({ isIntact: true, records: 82, chains: [{ first: 1, last: 82 }] })
  expect(chain.head.sequence).toBe(82)
})

test('a digest that is given is the one that would have been made', async () => {
  const decision = decisionAt(clock++)
  const text = JSON.stringify(decision)
  await spool.append('d', text, decision, sha256(canonicalRecord(text)))
  expect(verify()).toMatchObject({ isIntact: true, records: 1 })
})

test('a restart goes on where the spool ends, also after a torn tail', async () => {
  await many(5)
  await spool.close()
  const last = readdirSync(directory)
    .filter(name => name.endsWith('.log'))
    .at(-1) as string
  const whole = readFileSync(path.join(directory, last))
  appendFileSync(path.join(directory, last), whole.subarray(0, 100))
  open()
  await many(5)
  expect(verify()).toMatchObject({ isIntact: true, records: 20, chains: [{ last: 20 }] })
})

test('wherever a crash cuts the last write, what is left and what follows are one chain', async () => {
  await many(4)
  await spool.close()
  const [name = ''] = readdirSync(directory).filter(each => each.endsWith('.log'))
  const whole = readFileSync(path.join(directory, name))
  const cuts = Array.from({ length: 40 }, (_, i) => Math.floor((whole.length * i) / 39))
  for (const cut of cuts) {
    rmSync(directory, { recursive: true })
    mkdirSync(directory)
    writeFileSync(path.join(directory, name), whole.subarray(0, cut))
    open()
    await many(2)
    const left = whole.subarray(0, cut).filter(byte => byte === 10).length
    expect(verify()).toMatchObject({ isIntact: true, records: left + 4 })
    await spool.close()
  }
  open()
})

test('a restart goes on also when every segment was shipped and removed', async () => {
  await many(30)
  const shipped = readLines()
  for (const segment of spool.segments.slice()) if (segment.isSealed) await spool.release(segment)
  await reopen()
  for (const segment of spool.segments.slice()) await spool.release(segment)
  expect(readLines()).toEqual([])
  await reopen()
  await many(3)
  expect(verify([...shipped, ...readLines()])).toMatchObject({ isIntact: true, records: 66, chains: [{ last: 66 }] })
})

test('what was kept before a later record is not believed over the spool', async () => {
  await many(3)
  chain.save()
  await many(3)
  await reopen()
  expect(chain.head.sequence).toBe(12)
})

test('without a spool and without what was kept, a new chain begins', async () => {
  await many(3)
  const before = chain.head.chain
  await spool.close()
  rmSync(directory, { recursive: true })
  open()
  await call()
  expect(chain.head).toMatchObject({ sequence: 2 })
  expect(chain.head.chain).not.toBe(before)
  await spool.close()
  writeFileSync(path.join(directory, 'chain'), 'torn')
  open()
  expect(chain.head.sequence).toBe(2)
})

test('after a write that failed the chain ends where it was durable, and another begins', async () => {
  await many(2)
  const ended: unknown[] = []
  chain.onEnd = last => ended.push(last)
  const before = chain.head
  rmSync(directory, { recursive: true })
  const failing = new Spool({ directory, durability: 'append', maxBytes: 1e9, segmentBytes: 1, chain })
  rmSync(directory, { recursive: true })
  const decision = decisionAt(clock++)
  await expect(failing.append('a', JSON.stringify(decision), decision)).rejects.toThrow()
  expect(ended).toEqual([before])
  expect(chain.head).toMatchObject({ sequence: 0 })
})

/** A sink that fails as long as it is told to. */
function sinkOf(fails: () => boolean = () => false): EvidenceSink & { kept: Checkpoint[] } {
  const kept: Checkpoint[] = []
  return {
    name: 'test',
    kept,
    async publish(evidence) {
      if (fails()) throw new Error('away')
      if (evidence.kind === 'checkpoint') kept.push(evidence.checkpoint)
    },
  }
}

test('a checkpoint follows on so many records, and one on the last ones', async () => {
  const sink = sinkOf()
  const rhythm = { records: 10, everyMs: 1e9 }
  const checkpoints = new Checkpoints(
    chain,
    spool,
    'proxy-1',
    newSigningKey(),
    null,
    { sinks: [sink] },
    silentLog,
    rhythm,
  )
  checkpoints.start()
  for (let i = 0; i < 25; i++) await call()
  await checkpoints.stop(1_000)
  const report = verify()
  expect(report).toMatchObject({ isIntact: true, chains: [{ anchoredTo: 50, notAnchored: 0 }] })
  expect(report.checkpoints.length).toBeGreaterThanOrEqual(4)
  expect(sink.kept).toEqual(report.checkpoints)
  // Each names the one before.
  expect(report.notes.join(' ')).not.toContain('follow on one')
})

test('a record alone is signed when the time has come', async () => {
  const sink = sinkOf()
  const checkpoints = new Checkpoints(chain, spool, 'proxy-1', newSigningKey(), null, { sinks: [sink] }, silentLog, {
    records: 1e9,
    everyMs: 100,
  })
  checkpoints.start()
  await call()
  await until(() => sink.kept.length > 0)
  await new Promise(resolve => setTimeout(resolve, 1_200))
  expect(sink.kept.map(({ sequence }) => sequence)).toEqual([2])
  await checkpoints.stop(100)
})

test('a sink that is away gets what it missed, in order', async () => {
  let isAway = true
  const sink = sinkOf(() => isAway)
  const checkpoints = new Checkpoints(chain, spool, 'proxy-1', newSigningKey(), null, { sinks: [sink] }, silentLog, {
    records: 2,
    everyMs: 1e9,
  })
  checkpoints.start()
  for (let i = 0; i < 4; i++) await call()
  await until(() => checkpoints.counts.unpublished > 1)
  isAway = false
  await until(() => checkpoints.counts.unpublished === 0)
  await checkpoints.stop(500)
  const sequences = sink.kept.map(({ sequence }) => sequence)
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b))
  expect(sequences.at(-1)).toBe(8)
})

test('a new key is announced by the old one, in a file outside that needs nothing else', async () => {
  const file = path.join(folder, 'outside.ndjson')
  const settings = { name: 'proxy-1', dataDir: folder, checkpointFile: file }
  const run = async () => {
    const checkpoints = openCheckpoints(settings, chain, spool, silentLog)
    checkpoints.start()
    await many(2)
    await checkpoints.stop(1_000)
    await reopen()
  }
  await run()
  const { before, after } = rotateSigningKey(folder)
  await run()
  const outside = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map(line => Checkpoint.parse(JSON.parse(line)))
  expect(outside.at(0)).toMatchObject({ key: before, next_key: null })
  expect(outside.find(({ next_key }) => next_key === after)).toMatchObject({ key: before })
  expect(outside.at(-1)).toMatchObject({ key: after, sequence: 8 })
  expect(verify()).toMatchObject({ isIntact: true, chains: [{ anchoredTo: 8 }] })
})
