import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../log'
import { startProxy } from '../proxy'
import { decodeLines } from '../spool-lines'
import { cuttable } from '../testing/cuttable'
import { type Gateway, startGateway, until } from '../testing/gateway'
import { numberedCaller, numberOf, verifyGateway } from '../testing/promise'

// What a failing disk or an intruder changes in the spool is counted and named, never taken; all else arrives.

let gateway: Gateway
afterEach(() => gateway.stop())

const metric = async (name: string) => {
  const metrics = await (await fetch(`http://127.0.0.1:${gateway.proxy.port}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)?.[1])
}

/** A stopped proxy whose spool holds `count` calls that Postgres has not seen. */
async function spoolCalls(count: number): Promise<string> {
  gateway = await startGateway()
  await gateway.proxy.stop()
  const relay = await cuttable(gateway.settings.databaseUrl)
  onTestFinished(() => relay.close())
  gateway.proxy = await startProxy(
    { ...gateway.settings, databaseUrl: relay.url(gateway.settings.databaseUrl) },
    silentLog,
  )
  const caller = await numberedCaller(gateway)
  relay.cut()
  for (let i = 0; i < count; i++) expect(await caller.call(1)).toEqual(['result'])
  await gateway.proxy.stop()
  const folder = path.join(gateway.folder, 'spool', gateway.settings.name)
  const [segment = ''] = readdirSync(folder).filter(name => name.endsWith('.log'))
  return path.join(folder, segment)
}

test('spool bit-flipped in many places: each damaged line is counted and missing by name, and the rest arrives', {
  timeout: 60_000,
}, async () => {
  const segment = await spoolCalls(40)
  const bytes = readFileSync(segment)
  const before = [...decodeLines(bytes, 1e6).lines]
  // One bit in every seventh line, at a place in it that moves along: its kind, its length, its checksum, its text.
  let at = 0
  const flipped = new Set<number>()
  for (let line = 0; line < before.length; line++) {
    const end = bytes.indexOf(10, at)
    if (line % 7 === 3 && line < before.length - 2) {
      const place = at + Math.floor(((end - at) * flipped.size) / 12)
      bytes[place] = (bytes[place] ?? 0) ^ (1 << (flipped.size % 7))
      flipped.add(line)
    }
    at = end + 1
  }
  writeFileSync(segment, bytes)
  const left = [...decodeLines(bytes, 1e6).lines]
  const lost = before.filter(({ text }) => !left.some(line => line.text === text))
  expect(lost.length).toBeGreaterThanOrEqual(flipped.size)

  gateway.proxy = await startProxy(gateway.settings, silentLog)
  expect(await metric('intercept_damaged_lines_total')).toBeGreaterThanOrEqual(flipped.size)
  await until(async () => (await metric('intercept_spool_bytes')) === 0, 20_000)
  const records = await gateway.decisions()
  const expected = left.filter(({ kind }) => kind === 'a' || kind === 'd').map(({ text }) => JSON.parse(text))
  expect(new Set(records.map(numberOf))).toEqual(new Set(expected.map(numberOf)))
  expect(records.every(row => (row.effect === 'allow') === (row.outcome !== null))).toBe(true)

  const report = await verifyGateway(gateway)
  expect(report.isIntact).toBe(false)
  const firstLost = JSON.parse(lost[0]?.text ?? '{}').sequence
  expect(report.findings[0]).toMatchObject({ kind: 'missing', sequence: firstLost })
  const lostPlaces = lost.filter(({ kind }) => kind !== 'c').length
  expect(report.counts.missing).toBeGreaterThan(0)
  expect(report.counts.missing).toBeLessThanOrEqual(lostPlaces)
  // The proxy goes on, in the same chain.
  const caller = await numberedCaller(gateway)
  expect(await caller.call(5)).toEqual(Array(5).fill('result'))
})

test('a text that was changed together with its checksum is taken for a record, and the verifier names it edited', async () => {
  const segment = await spoolCalls(5)
  const text = readFileSync(segment, 'latin1')
  const { crc32 } = await import('node:zlib')
  const changed = text
    .split('\n')
    .map(line => {
      if (!line.includes('"text":"call ') || !line.startsWith('a ')) return line
      const body = line.slice(20).replace('"text":"call ', '"text":"Call ')
      return `a ${line.slice(2, 10)} ${crc32(Buffer.from(body, 'latin1'), 97).toString(16).padStart(8, '0')} ${body}`
    })
    .join('\n')
  expect(changed).not.toBe(text)
  writeFileSync(segment, changed, 'latin1')
  gateway.proxy = await startProxy(gateway.settings, silentLog)
  await until(async () => (await metric('intercept_spool_bytes')) === 0, 20_000)
  const report = await verifyGateway(gateway)
  expect(report.findings[0]).toMatchObject({ kind: 'edited', sequence: 1 })
})
