import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway'
import { beginSession, callBody, type RawSession, saysOf } from './raw-client'

// A server over stdio runs on the proxy's own machine, as a child that means harm.
const command = ['node', path.join(import.meta.dirname, 'fixtures/hostile-stdio.mjs')]
const isRoot = process.getuid?.() === 0
const MB = 1024 * 1024
let gateway: Gateway
let session: RawSession

beforeAll(async () => {
  gateway = await startGateway([{ slug: 'hostile', command, environment: { OWN: 'credential' } }])
  session = await beginSession(gateway, 'hostile')
})
afterAll(() => gateway.stop())

interface Look {
  uid: number
  environment: Record<string, string>
  found: [folder: unknown, file: unknown][]
}
async function look(...paths: string[]): Promise<Look> {
  return JSON.parse(saysOf(await session.call('look', { paths })) ?? '')
}

const isRunning = (pid: number) => {
  try {
    // A zombie that nobody has waited for yet does not run.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe.skipIf(!isRoot)(isRoot ? 'under a proxy of root' : 'needs root: another account for children', () => {
  test('a child reads nothing of DATA_DIR, nor of the proxy itself', async () => {
    const { dataDir } = gateway
    const closed = [dataDir, path.join(dataDir, 'spool'), path.join(dataDir, 'spool/wire')]
    const ofProcess = ['environ', 'mem', 'fd'].map(name => `/proc/${process.pid}/${name}`)
    const { uid, found } = await look(...closed, ...ofProcess)
    expect(uid).not.toBe(0)
    for (const [folder, file] of found) {
      expect(['EACCES', 'ENOTDIR', 'EPERM']).toContain(folder)
      expect(['EACCES', 'EISDIR', 'EPERM']).toContain(file)
    }
  })
})

test('a child gets its own variables, PATH and a home of its own, and nothing else', async () => {
  const { environment } = await look()
  expect(Object.keys(environment).sort()).toEqual(['HOME', 'LANG', 'OWN', 'PATH'])
  expect(environment.HOME).not.toBe(process.env.HOME)
  const other = await beginSession(gateway, 'hostile')
  const answer = JSON.parse(saysOf(await other.call('look', { paths: [environment.HOME] })) ?? '')
  expect(answer.environment.HOME).not.toBe(environment.HOME)
  await other.end()
})

test('a child that forks is ended with all that it started', async () => {
  const own = await beginSession(gateway, 'hostile')
  const pids = [Number(saysOf(await own.call('fork'))), Number(saysOf(await own.call('fork')))]
  expect(pids.map(isRunning)).toEqual([true, true])
  await own.end()
  await expect.poll(() => pids.some(isRunning), { timeout: 5_000 }).toBe(false)
})

test('a child that leaves a grandchild on its pipes is noticed at once', async () => {
  const own = await beginSession(gateway, 'hostile')
  const pid = Number(saysOf(await own.call('fork')))
  const startedAt = Date.now()
  expect((await own.call('end')).messages.at(-1)?.error?.message).toMatch(/ended \(code 0\)/)
  expect(Date.now() - startedAt).toBeLessThan(3_000)
  await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false)
  expect((await own.call('echo')).status).toBe(404)
})

test.each([
  ['doubled', /cannot be read\. Key "content" stands twice/],
  ['countless', /cannot be read\. JSON with more than 500000 entries/],
])('an answer that is %s fails the call at once', async (tool, says) => {
  expect(saysOf(await session.call(tool, {}, tool))).toMatch(says)
  expect(saysOf(await session.call('echo', { text: 'alive' }))).toBe('alive')
})

test('a second answer goes to nobody', async () => {
  expect(saysOf(await session.call('twice', {}, 'twice'))).toBe('first')
  expect(saysOf(await session.call('echo', { text: 'next' }, 'twice'))).toBe('next')
})

test("an answer with another session's id reaches nobody but its own session", async () => {
  const other = await beginSession(gateway, 'hostile', await gateway.newKey('victim', [{ server: 'hostile' }]))
  const victim = other.call('hold', {}, 'shared-id')
  await sleep(100)
  expect(saysOf(await session.call('foreign', { others: ['shared-id', 'never-asked', 0] }, 'own'))).toBe('own')
  expect(await Promise.race([victim, sleep(300, 'still waiting')])).toBe('still waiting')
  await other.end()
  expect(saysOf(await victim)).not.toBe('forged')
})

test('a line of 100 MB ends the child, not the proxy', async () => {
  const own = await beginSession(gateway, 'hostile')
  const start = process.memoryUsage.rss()
  expect((await own.call('flood', { bytes: 100 * MB })).messages.at(-1)?.error?.message).toMatch(
    /more than 33554432 bytes/,
  )
  expect(process.memoryUsage.rss() - start).toBeLessThan(300 * MB)
  expect(saysOf(await session.call('echo', { text: 'alive' }))).toBe('alive')
})

test('a carriage return in what a child writes begins no event of its own', async () => {
  const answer = await session.post(callBody('inject', {}, 'injected'))
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  expect(answer.text).not.toContain('\r')
  expect(answer.text).not.toContain('forged')
  expect(answer.messages.at(-1)).toEqual({ jsonrpc: '2.0', id: 'injected', result: { content: [] } })
})

test('a child that never stops talking fills no memory and leaves time for others', async () => {
  const own = await beginSession(gateway, 'hostile')
  const start = process.memoryUsage.rss()
  const talk = await own.begin(callBody('chatter'))
  expect(talk.headers.get('content-type')).toBe('text/event-stream')
  for (let i = 0; i < 10; i++) {
    const startedAt = Date.now()
    expect(saysOf(await session.call('echo', { text: 'a word' }))).toBe('a word')
    expect(Date.now() - startedAt).toBeLessThan(3_000)
    await sleep(200)
  }
  expect(process.memoryUsage.rss() - start).toBeLessThan(400 * MB)
  await own.end()
  await talk.body?.cancel().catch(() => undefined)
})

test('requests that a server floods its client with take nothing from other servers', async () => {
  await gateway.add({ slug: 'honest', command })
  const honest = await beginSession(gateway, 'honest')
  const own = await beginSession(gateway, 'hostile')
  expect(saysOf(await own.call('ask', { count: 1_000 }))).toBe('asked')
  await sleep(300)
  const calls = Array.from({ length: 200 }, (_, id) => honest.call('echo', { text: 'not in the way' }, id))
  expect(new Set((await Promise.all(calls)).map(saysOf))).toEqual(new Set(['not in the way']))
  await own.end()
  await honest.end()
})

test('a child that holds a call ends with the proxy, and what it started too', async () => {
  const own = await beginSession(gateway, 'hostile')
  const pid = Number(saysOf(await own.call('fork')))
  void own.call('hold').catch(() => undefined)
  await sleep(100)
  await gateway.proxy.stop()
  await expect.poll(() => isRunning(pid), { timeout: 5_000 }).toBe(false)
})
