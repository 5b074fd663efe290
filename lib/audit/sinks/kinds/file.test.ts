import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { eventsOf } from '../testing/events'
import { FileSink } from './file'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'intercept-files-'))
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})

const sink = (more: object = {}) =>
  new FileSink({ mostMegabytes: 100, mostHours: 24, keep: 0, ...more }, { name: 'kept', id: 'x', filesFolder: folder })
const files = () => readdirSync(path.join(folder, 'kept')).sort()
const textOf = (name: string) => readFileSync(path.join(folder, 'kept', name), 'utf8')
const all = () => files().map(textOf).join('').split('\n').filter(Boolean)
const large = (calls: number) => eventsOf(calls, { fields: { message: 'x'.repeat(50_000) } })

test('records are lines of a file that only its owner reads, and the next process goes on with it', async () => {
  const events = eventsOf(4)
  const first = sink()
  await first.send(events.slice(0, 4))
  await first.close()
  const second = sink()
  await second.send(events.slice(4))
  await second.close()
  expect(files().length).toBe(1)
  expect(all()).toEqual(events.map(({ text }) => text))
  expect(statSync(path.join(folder, 'kept')).mode & 0o777).toBe(0o700)
  expect(statSync(path.join(folder, 'kept', files()[0] ?? '')).mode & 0o777).toBe(0o600)
})

test('a file that is full is followed by another; every line stays', async () => {
  const events = large(30)
  const open = sink({ mostMegabytes: 1 })
  for (let i = 0; i < events.length; i += 4) await open.send(events.slice(i, i + 4))
  await open.close()
  expect(files().length).toBeGreaterThan(1)
  for (const name of files()) expect(Buffer.byteLength(textOf(name))).toBeLessThanOrEqual(1024 * 1024)
  expect(all()).toEqual(events.map(({ text }) => text))
})

test('only as many full files stay as are asked for, the newest', async () => {
  const events = large(120)
  const open = sink({ mostMegabytes: 1, keep: 2 })
  for (let i = 0; i < events.length; i += 4) await open.send(events.slice(i, i + 4))
  await open.close()
  expect(files().length).toBe(3)
  expect(all().at(-1)).toBe(events.at(-1)?.text)
})

test('a file that is old is followed by another', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-22T10:00:00Z') })
  const open = sink({ mostHours: 2 })
  await open.send(eventsOf(1))
  vi.setSystemTime(new Date('2026-11-22T11:59:00Z'))
  await open.send(eventsOf(1))
  expect(files()).toEqual(['records-2026-11-22T10-00-00-000Z.ndjson'])
  vi.setSystemTime(new Date('2026-11-22T12:00:01Z'))
  await open.send(eventsOf(1))
  await open.close()
  expect(files()).toEqual(['records-2026-11-22T10-00-00-000Z.ndjson', 'records-2026-11-22T12-00-01-000Z.ndjson'])
})

test('what a power cut left of a line is cut off before the next one', async () => {
  const events = eventsOf(2)
  const first = sink()
  await first.send(events.slice(0, 2))
  await first.close()
  appendFileSync(path.join(folder, 'kept', files()[0] ?? ''), (events[2]?.text ?? '').slice(0, 100))
  const second = sink()
  await second.send(events.slice(2))
  await second.close()
  expect(all()).toEqual(events.map(({ text }) => text))
})
