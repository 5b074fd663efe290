import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { eventsOf } from '../testing/events'
import { certificateIn, syslogReceiver } from '../testing/syslog-receiver'
import { SyslogSink } from './syslog'

const folder = mkdtempSync(path.join(tmpdir(), 'intercept-syslog-'))
const server = certificateIn(folder, 'receiver')
const client = certificateIn(folder, 'intercept')
afterAll(() => rmSync(folder, { recursive: true }))

let receiver: Awaited<ReturnType<typeof syslogReceiver>>
beforeEach(async () => {
  receiver = await syslogReceiver(server)
})
afterEach(() => receiver.close())

const never = new AbortController().signal
const sink = (more: object = {}, secrets: object = {}) =>
  new SyslogSink(
    { host: '127.0.0.1', port: receiver.port, allowPrivate: true, ca: server.cert, mostBytes: 65_536, ...more },
    secrets,
  )
// RFC 5424 §6, written anew here.
const MESSAGE =
  /^<(\d+)>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\S+) intercept - (\S+) \[(intercept@32473(?: [A-Za-z]+="(?:[^"\\\]]|\\["\\\]])*")*)\] ([\x20-\x7e]*)$/

test('each record is one message: head, structured data, and the event as JSON', async () => {
  const events = eventsOf(3, { fields: { effect: 'deny', tool: 'a"b]c\\d', server: 'düsseldorf' } })
  await sink().send(events, never)
  const parsed = receiver.messages.map(message => MESSAGE.exec(message) ?? expect.fail(message))
  expect(parsed.map(([, , , , kind]) => kind)).toEqual(events.map(({ kind }) => kind))
  expect(parsed.map(([, , , , , , text]) => JSON.parse(text ?? ''))).toEqual(events.map(({ text }) => JSON.parse(text)))
  const [first] = parsed
  expect(first?.slice(1, 4)).toEqual(['108', events[0]?.time.toISOString(), 'proxy-1'])
  expect(first?.[5]).toContain('tool="a\\"b\\]c\\\\d"')
  expect(first?.[5]).toContain('server="düsseldorf"')
})

test('what counts as sent was read by the receiver, batch by batch', async () => {
  const open = sink()
  const events = eventsOf(400)
  await open.send(events.slice(0, 500), never)
  expect(receiver.messages.length).toBe(500)
  await open.send(events.slice(500), never)
  expect(receiver.messages.length).toBe(800)
})

test('a connection that is cut in the middle is no success', async () => {
  receiver.cutAfter(10)
  const many = eventsOf(2_000, { fields: { message: 'x'.repeat(2_000) } })
  await expect(sink().send(many, never)).rejects.toThrow(/did not take the messages/)
  await sink().send(many.slice(0, 10), never)
})

test('a record that is longer than the receiver takes goes without its contents', async () => {
  const events = eventsOf(1, { fields: { message: 'x'.repeat(5_000) } })
  await sink({ mostBytes: 2_048 }).send(events, never)
  const [, , , , , , text] = MESSAGE.exec(receiver.messages[0] ?? '') ?? []
  expect(JSON.parse(text ?? '')).toMatchObject({ id: events[0]?.id, digest: expect.any(String), record: null })
  expect(Buffer.byteLength(receiver.messages[0] ?? '')).toBeLessThanOrEqual(2_048)
})

test('a receiver whose certificate is not trusted gets nothing', async () => {
  await expect(sink({ ca: client.cert }).send(eventsOf(1), never)).rejects.toThrow(/DEPTH_ZERO|SELF_SIGNED|UNABLE_TO/)
  expect(receiver.messages).toEqual([])
})

test('a receiver that asks for a certificate gets ours', async () => {
  const strict = await syslogReceiver({ ...server, requestCert: true, rejectUnauthorized: true, ca: client.cert })
  const settings = { port: strict.port, certificate: client.cert }
  await expect(sink({ port: strict.port }).send(eventsOf(1), never)).rejects.toThrow(/did not take/)
  await sink(settings, { clientKey: client.key }).send(eventsOf(1), never)
  expect(strict.messages.length).toBe(2)
  await strict.close()
})

test('a private address is connected to only where that is allowed', async () => {
  await expect(sink({ allowPrivate: false }).send(eventsOf(1), never)).rejects.toThrow(/private address/)
  await expect(sink({ allowPrivate: false, host: 'localhost' }).send(eventsOf(1), never)).rejects.toThrow(
    /private address|refused/,
  )
  expect(receiver.messages).toEqual([])
})
