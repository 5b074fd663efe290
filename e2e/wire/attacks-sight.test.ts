import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HostileServer, startHostileServer } from './fixtures/hostile-http'
import { type Gateway, startGateway } from './gateway'
import { beginSession, type RawSession } from './raw-client'

// What a caller may not see is like what is not there: in words, in headers and in the time that it takes.
let gateway: Gateway
let server: HostileServer
let wide: RawSession
let narrow: RawSession

beforeAll(async () => {
  server = await startHostileServer()
  gateway = await startGateway([{ slug: 'fixture', url: server.url }])
  await gateway.publish('default: allow\nhide: [secret]\ntools: {}\n')
  wide = await beginSession(gateway, 'fixture')
  narrow = await beginSession(
    gateway,
    'fixture',
    await gateway.newKey('narrow', [{ server: 'fixture', tools: ['echo'] }]),
  )
})
afterAll(async () => {
  await gateway.stop()
  await server.close()
})

interface Likeness {
  status: number
  headers: [string, string][]
  text: string
}

/** An answer without what is the call's own: its name, its record, the time of day. */
async function likeness(session: RawSession, name: string): Promise<Likeness> {
  const { status, headers, text } = await session.call(name)
  const own = text.replaceAll(name, '<name>').replace(/"id":"[0-9a-f-]{36}"/, '"id":"<record>"')
  const kept = [...headers].filter(([header]) => !['date', 'content-length'].includes(header))
  return { status, headers: kept, text: own }
}

test('hidden, not granted and not there answer alike, down to the last byte', async () => {
  const absent = await likeness(wide, 'absent')
  expect(await likeness(wide, 'secret')).toEqual(absent)
  const ungranted = await likeness(narrow, 'absent')
  expect(await likeness(narrow, 'secret')).toEqual(ungranted)
  expect(ungranted.text).toBe(absent.text)
})

test('and in the same time', async () => {
  const took: Record<string, number[]> = { secret: [], absent: [] }
  for (let i = 0; i < 300; i++)
    for (const [name, times] of Object.entries(took)) {
      const startedAt = performance.now()
      await wide.call(name)
      times.push(performance.now() - startedAt)
    }
  const [hidden = 0, absent = 0] = Object.values(took).map(times => times.sort((a, b) => a - b)[150] ?? 0)
  expect(Math.max(hidden, absent) / Math.min(hidden, absent)).toBeLessThan(2)
})

test('the record knows which it was', async () => {
  await wide.call('secret')
  await wide.call('absent')
  await narrow.call('secret')
  const codes = (await gateway.decisions()).slice(-3).map(({ code }) => code)
  expect(codes).toEqual(['hidden', 'unknown_tool', 'no_grant'])
})
