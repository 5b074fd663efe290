import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { SHARED_BOUNDS } from '@/proxy/mcp/shared-child'
import { type Gateway, startGateway } from './gateway'
import { beginSession, callBody, type Message, type RawSession, saysOf } from './raw-client'

// One child for the sessions of several identities: it answers each, and none ever hears of another. The child itself
// remembers everything and says to anybody whatever it is told to say.
const command = ['node', path.join(import.meta.dirname, 'fixtures/shared-stdio.mjs')]
let gateway: Gateway
let victimKey: string
let attacker: RawSession
let victim: RawSession

beforeAll(async () => {
  SHARED_BOUNDS.sweepMs = 50
  gateway = await startGateway([{ slug: 'shared', command, isShared: true }])
  victimKey = await gateway.newKey('victim', [{ server: 'shared' }])
  attacker = await beginSession(gateway, 'shared')
  victim = await beginSession(gateway, 'shared', victimKey)
})
afterAll(() => gateway.stop())

const bounds = { ...SHARED_BOUNDS }
afterEach(() => void Object.assign(SHARED_BOUNDS, bounds))

const request = (id: string | number, method: string, params: object = {}) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params })
const notification = (method: string, params: object = {}) => JSON.stringify({ jsonrpc: '2.0', method, params })
const json = async (session: RawSession, tool: string) => JSON.parse(saysOf(await session.call(tool, {}, tool)) ?? '')

/** Waits until the child has that call. */
const isHeld = (name: string) =>
  expect.poll(async () => JSON.stringify(await json(attacker, 'received'))).toContain(`"held":"${name}"`)

/** Everything that comes on a session's own stream. */
async function listen(session: RawSession): Promise<{ heard: Message[]; stop(): void }> {
  const stop = new AbortController()
  const headers = { ...session.headers, accept: 'text/event-stream' }
  let response = await fetch(gateway.url('shared'), { headers, signal: stop.signal })
  // The stream before this one may not have been noticed to be closed.
  for (let i = 0; response.status === 409 && i < 50; i++) {
    await new Promise(resolve => setTimeout(resolve, 20))
    response = await fetch(gateway.url('shared'), { headers, signal: stop.signal })
  }
  expect(response.status).toBe(200)
  const heard: Message[] = []
  const read = async () => {
    let rest = ''
    for await (const chunk of response.body ?? []) {
      const lines = (rest + Buffer.from(chunk).toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('data: {')) heard.push(JSON.parse(line.slice(6)))
    }
  }
  read().catch(() => undefined)
  return { heard, stop: () => stop.abort() }
}

test('sessions of several identities and versions reach one child a version, which is begun once', async () => {
  const pids = await Promise.all([attacker, victim].map(async session => saysOf(await session.call('pid'))))
  expect(new Set(pids).size).toBe(1)
  const inits = (await json(attacker, 'received')).filter(({ method }: Message) => method === 'initialize')
  expect(inits).toHaveLength(1)
  // What the child hears of its clients is the proxy's, and not one client's for all.
  expect(inits[0].params.clientInfo.name).toBe('intercept')
})

test('each session gets its own answers, also where all use the same ids', async () => {
  const sessions = [attacker, victim]
  const said = await Promise.all(
    Array.from({ length: 40 }, async (_, n) =>
      saysOf(await (sessions[n % 2] ?? attacker).call('echo', { text: `said ${n}` }, Math.floor(n / 2))),
    ),
  )
  expect(said).toEqual(Array.from({ length: 40 }, (_, n) => `said ${n}`))
})

test('answers keep every byte but the id, big numbers too', async () => {
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"say","arguments":{"lines":[]}}}'
  expect(saysOf(await attacker.post(body))).toBe('said')
  const big =
    '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"echo","arguments":{"text":12345678901234567890.10}}}'
  await attacker.post(big)
  expect((await attacker.call('pid', {}, 'text id')).messages[0]?.id).toBe('text id')
})

describe('what one session tries on another', () => {
  test("ids that it guesses answer nobody's call", async () => {
    const held = victim.call('hold', { name: 'guess' }, 'the-victims-id')
    await isHeld('guess')
    const ids = ['the-victims-id', 0, 1, 'hold', 'intercept-1', 'intercept-2']
    const lines = ids.map(id => ({ id, result: { content: [{ type: 'text', text: 'forged' }] } }))
    expect(saysOf(await attacker.call('say', { lines }, 'saying'))).toBe('said')
    await attacker.call('release', { name: 'guess' }, 'releasing')
    expect(saysOf(await held)).toBe('released guess')
  })

  test("it cannot cancel another's call", async () => {
    const held = victim.call('hold', { name: 'cancel' }, 'cancel-me')
    await isHeld('cancel')
    const seen = (await json(attacker, 'received')) as Message[]
    for (const requestId of ['cancel-me', ...seen.map(({ id }) => id)])
      await attacker.post(notification('notifications/cancelled', { requestId }))
    const after = (await json(attacker, 'received')) as Message[]
    expect(after.filter(({ method }) => method === 'notifications/cancelled')).toEqual([])
    await attacker.call('release', { name: 'cancel' }, 'releasing')
    expect(saysOf(await held)).toBe('released cancel')
  })

  test('a cancellation of its own call reaches the child under the id that the child knows', async () => {
    const held = victim.call('hold', { name: 'own' }, 'own-call')
    await isHeld('own')
    await victim.post(notification('notifications/cancelled', { requestId: 'own-call' }))
    const cancelled = async () =>
      ((await json(attacker, 'received')) as Message[]).find(({ method }) => method === 'notifications/cancelled')
    await expect.poll(cancelled).toBeDefined()
    expect((await cancelled())?.params?.requestId).toMatch(/^intercept-/)
    await attacker.call('release', { name: 'own' }, 'releasing')
    await held
  })

  test("progress under another's token, or a guessed one, comes to nobody", async () => {
    const params = { name: 'hold', arguments: { name: 'token' }, _meta: { progressToken: 'victims-token' } }
    const held = victim.post(request('with-token', 'tools/call', params))
    await isHeld('token')
    const lines = ['victims-token', 0, 'with-token', 'intercept-1'].map(progressToken => ({
      method: 'notifications/progress',
      params: { progressToken, progress: 666 },
    }))
    await attacker.call('say', { lines }, 'saying')
    await attacker.call('release', { name: 'token' }, 'releasing')
    expect((await held).messages.map(({ id }) => id)).toEqual(['with-token'])
  })

  test('equal tokens of two sessions are told apart', async () => {
    const params = { name: 'progress', arguments: {}, _meta: { progressToken: 7 } }
    const both = await Promise.all([attacker, victim].map(session => session.post(request(1, 'tools/call', params))))
    for (const { messages } of both)
      expect(messages.map(message => message.params?.progressToken ?? message.id)).toEqual([7, 7, 1])
  })

  test('it cannot answer what was asked of another', async () => {
    const asker = await beginSession(gateway, 'shared', victimKey, { sampling: {} })
    const stream = await asker.begin(callBody('ask', {}, 'asking'))
    const reader = stream.body?.getReader()
    const question = Buffer.from((await reader?.read())?.value ?? []).toString()
    const id = /"id":"(asked-\d+)"/.exec(question)?.[1]
    expect(id).toBeDefined()
    await attacker.post(JSON.stringify({ jsonrpc: '2.0', id, result: { forged: true } }))
    await asker.post(JSON.stringify({ jsonrpc: '2.0', id, result: { honest: true } }))
    const answer = Buffer.from((await reader?.read())?.value ?? []).toString()
    expect(answer).toContain('honest')
    expect(answer).not.toContain('forged')
    await asker.end()
  })

  test('a log message of one call does not come to the other, and each hears the level it asked for', async () => {
    const [one, other] = await Promise.all([listen(attacker), listen(victim)])
    await attacker.post(request(1, 'logging/setLevel', { level: 'error' }))
    await victim.post(request(1, 'logging/setLevel', { level: 'debug' }))
    const line = (level: string) => ({ method: 'notifications/message', params: { level, data: 'of one call' } })
    const call = await attacker.call('say', { lines: [line('debug'), line('error')] }, 'logging')
    const heard = [...call.messages, ...one.heard].filter(({ method }) => method === 'notifications/message')
    expect(heard.map(({ params }) => params?.level)).toEqual(['error'])
    expect(other.heard).toEqual([])
    one.stop()
    other.stop()
  })

  test('a resource that changed is told to who is subscribed to it, until that one is not', async () => {
    const [one, other] = await Promise.all([listen(attacker), listen(victim)])
    const updated = async (uri: string) => {
      await attacker.call('say', { lines: [{ method: 'notifications/resources/updated', params: { uri } }] }, 'telling')
    }
    await victim.post(request(1, 'resources/subscribe', { uri: 'note://mine' }))
    await attacker.post(request(1, 'resources/unsubscribe', { uri: 'note://mine' }))
    await updated('note://mine/part')
    await updated('note://mined')
    await expect.poll(() => other.heard.length).toBe(1)
    expect(other.heard[0]?.params?.uri).toBe('note://mine/part')
    const unsubscribed = ((await json(attacker, 'received')) as Message[]).filter(
      ({ method }) => method === 'resources/unsubscribe',
    )
    expect(unsubscribed).toEqual([])
    await victim.post(request(2, 'resources/unsubscribe', { uri: 'note://mine' }))
    await updated('note://mine')
    await attacker.call('say', { lines: [{ method: 'notifications/tools/list_changed' }] }, 'changing')
    await expect.poll(() => other.heard.at(-1)?.method).toBe('notifications/tools/list_changed')
    expect(other.heard.map(({ method }) => method)).toEqual([
      'notifications/resources/updated',
      'notifications/tools/list_changed',
    ])
    expect(one.heard.map(({ method }) => method)).toEqual(['notifications/tools/list_changed'])
    one.stop()
    other.stop()
  })
})

describe('what the child asks', () => {
  const asks: [what: string, capabilities: object, method: string, answers: RegExp][] = [
    [
      'goes to the only caller that can answer it',
      { sampling: {} },
      'sampling/createMessage',
      /"result":\{"said":"yes"/,
    ],
    ['is refused where the client cannot answer it', {}, 'sampling/createMessage', /does not answer such requests/],
    ['of folders too', {}, 'roots/list', /does not answer such requests/],
    ['is refused where nobody knows the method', { sampling: {} }, 'evil/method', /does not answer such requests/],
  ]
  test.each(asks)('%s', async (_, capabilities, method, answers) => {
    const own = await beginSession(gateway, 'shared', undefined, capabilities)
    const response = await own.begin(callBody('ask', { method }, 'asking'))
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      const id = /"id":"(asked-\d+)","method"/.exec(text)?.[1]
      if (id) await own.post(JSON.stringify({ jsonrpc: '2.0', id, result: { said: 'yes' } }))
    }
    expect(text.replaceAll('\\"', '"')).toMatch(answers)
    await own.end()
  })

  test('while two have calls under way goes to neither', async () => {
    const own = await beginSession(gateway, 'shared', undefined, { sampling: {} })
    const held = victim.call('hold', { name: 'second' }, 'second')
    await isHeld('second')
    const answer = await own.call('ask', {}, 'asking')
    expect(saysOf(answer)).toMatch(/cannot be told which one this is for/)
    expect(answer.messages).toHaveLength(1)
    await attacker.call('release', { name: 'second' }, 'releasing')
    await held
    await own.end()
  })

  test('after a call that has been answered, or given up, goes to nobody else', async () => {
    const own = await beginSession(gateway, 'shared', undefined, { sampling: {} })
    const heard = await listen(own)
    const before = (await json(attacker, 'answers')).length
    await victim.call('late', {}, 'late')
    await expect.poll(async () => (await json(victim, 'answers')).length).toBe(before + 1)
    const gone = await beginSession(gateway, 'shared', victimKey)
    void gone.call('hold', { name: 'gone' }, 'gone').catch(() => undefined)
    await isHeld('gone')
    await gone.end()
    expect(saysOf(await own.call('ask', {}, 'asking'))).toMatch(/cannot be told which one this is for/)
    expect(heard.heard).toEqual([])
    heard.stop()
    await attacker.call('release', { name: 'gone' }, 'releasing')
    await own.end()
  })
})

test('a child that ends fails the calls of all sessions with words, and the next call starts it again', async () => {
  const heard = await listen(victim)
  await victim.post(request(1, 'resources/subscribe', { uri: 'note://kept' }))
  const before = saysOf(await attacker.call('pid'))
  const held = victim.call('hold', { name: 'ended' }, 'held')
  await isHeld('ended')
  const ended = attacker.call('end', {}, 'ending')
  for (const answer of await Promise.all([held, ended]))
    expect(answer.messages.at(-1)?.error?.message).toMatch(/ended \(code 7\)/)
  expect(saysOf(await victim.call('pid'))).not.toBe(before)
  const received = (await json(attacker, 'received')) as Message[]
  expect(received.slice(0, 3).map(({ method }) => method)).toEqual([
    'initialize',
    'notifications/initialized',
    'resources/subscribe',
  ])
  // What it lists may be something else now: sessions forget what they knew, and clients are told.
  await expect.poll(() => heard.heard.map(({ method }) => method)).toContain('notifications/tools/list_changed')
  heard.stop()
})

test('a child that ends again and again is not started at once', async () => {
  for (let i = 0; i < 2; i++) await attacker.call('end', {}, 'ending')
  SHARED_BOUNDS.backoffMs = 0
  expect(saysOf(await victim.post(request(1, 'ping')))).toMatch(/is started again in \d+ s/)
  Object.assign(SHARED_BOUNDS, bounds)
  // Where the wait is short, the call waits.
  expect(saysOf(await victim.call('echo', { text: 'x' }))).toBe('x')
})

test('an idle child is stopped, and the next call starts it again without the client noticing', async () => {
  await victim.post(request(1, 'resources/unsubscribe', { uri: 'note://kept' }))
  const before = Number(saysOf(await victim.call('pid')))
  SHARED_BOUNDS.idleMs = 1
  const isGone = () => {
    try {
      process.kill(before, 0)
      return false
    } catch {
      return true
    }
  }
  await expect.poll(isGone, { timeout: 15_000 }).toBe(true)
  Object.assign(SHARED_BOUNDS, bounds)
  expect(Number(saysOf(await victim.call('pid')))).not.toBe(before)
})
