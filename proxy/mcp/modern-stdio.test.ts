import { expect, test } from 'vitest'
import type { JsonObject } from '@/lib/policy'
import { type Message, type RequestMessage, readUpstreamMessage } from './messages'
import type { ModernReply } from './modern-leg'
import { ModernStdioLeg } from './modern-stdio'
import { META } from './modern-version'
import type { UpstreamEvents } from './upstream'

/** A leg to a child that is played by the test. */
function legWith() {
  const sent: { id?: string; method: string; params: JsonObject }[] = []
  let child: UpstreamEvents | null = null
  let isClosed = false
  const leg = new ModernStdioLeg(
    events => {
      child = events
      return { send: text => void sent.push(JSON.parse(text)), settle: () => undefined, close: async () => undefined }
    },
    () => {
      isClosed = true
    },
  )
  const say = (body: object) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...body })
    child?.onMessage(readUpstreamMessage(text) as Message, text, null)
  }
  return { leg, sent, say, die: () => child?.onClose('It died.'), isClosed: () => isClosed }
}

function ask(leg: ModernStdioLeg, id: string | number, method: string, meta: JsonObject = {}) {
  const params = { _meta: meta }
  const message: RequestMessage = { kind: 'request', id, method, params, body: { jsonrpc: '2.0', id, method, params } }
  const got: unknown[] = []
  const reply: ModernReply = {
    onNotification: (_message, text) => got.push(JSON.parse(text)),
    onResponse: (_message, text, status) => got.push([status, JSON.parse(text)]),
    onFailure: failure => got.push(failure.message),
  }
  return { got, giveUp: leg.send(message, {}, reply) }
}

test('two clients that use the same id and progress token never get what is for the other', () => {
  const { leg, sent, say } = legWith()
  const first = ask(leg, 1, 'tools/call', { progressToken: 0, 'com.example/kept': true })
  const second = ask(leg, 1, 'tools/call', { progressToken: 0 })
  const [a, b] = sent
  expect(a?.id).not.toBe(b?.id)
  expect(a?.params._meta).toEqual({ progressToken: a?.id, 'com.example/kept': true })
  say({ method: 'notifications/progress', params: { progressToken: b?.id ?? '', progress: 5 } })
  say({ id: b?.id, result: { of: 'second' } })
  say({ id: a?.id, result: { of: 'first' } })
  expect(first.got).toEqual([[200, { jsonrpc: '2.0', id: 1, result: { of: 'first' } }]])
  expect(second.got).toEqual([
    { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 0, progress: 5 } },
    [200, { jsonrpc: '2.0', id: 1, result: { of: 'second' } }],
  ])
  expect(leg.size).toBe(0)
})

test('a subscription is named to its client as the client named it', () => {
  const { leg, sent, say } = legWith()
  const { got } = ask(leg, 'mine', 'subscriptions/listen')
  const other = ask(leg, 'call', 'tools/call')
  const _meta = { [META.subscription]: sent[0]?.id ?? '' }
  say({ method: 'notifications/tools/list_changed', params: { _meta } })
  expect(got).toEqual([
    { jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: { _meta: { [META.subscription]: 'mine' } } },
  ])
  say({ method: 'notifications/cancelled', params: { requestId: sent[0]?.id } })
  expect(got.at(-1)).toMatch(/ended this subscription/)
  expect(other.got).toEqual([])
})

test('what was given up is cancelled at the child, and an answer that comes all the same goes nowhere', () => {
  const { leg, sent, say } = legWith()
  const { got, giveUp } = ask(leg, 3, 'tools/call')
  giveUp()
  giveUp()
  expect(sent.slice(1)).toEqual([
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: sent[0]?.id } },
  ])
  say({ id: sent[0]?.id, result: {} })
  expect(got).toEqual([])
})

const statuses: [code: number, status: number][] = [
  [-32_601, 404],
  [-32_020, 400],
  [-32_021, 400],
  [-32_022, 400],
  [-32_602, 200],
  [-32_000, 200],
]
test.each(statuses)('the error %i has the status that it has over HTTP: %i', (code, status) => {
  const { leg, sent, say } = legWith()
  const { got } = ask(leg, 1, 'tools/call')
  say({ id: sent[0]?.id, error: { code, message: 'm', data: { kept: [1] } } })
  expect(got).toEqual([[status, { jsonrpc: '2.0', id: 1, error: { code, message: 'm', data: { kept: [1] } } }]])
})

test('a child that dies fails all that it had, once, and an answer to nobody is dropped', () => {
  const { leg, say, die, isClosed } = legWith()
  const { got } = ask(leg, 1, 'tools/call')
  say({ id: 1, result: { guessed: true } })
  say({ id: 'intercept-0', result: {} })
  die()
  die()
  expect(got).toEqual(['It died.'])
  expect(isClosed()).toBe(true)
})
