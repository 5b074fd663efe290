import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import type { RequestMessage } from './messages'
import { type ModernAsk, ModernExchange } from './modern-exchange'
import type { ModernReply } from './modern-leg'
import type { Reached } from './modern-servers'

/** A response that remembers what was written, and can be closed by its client. */
class Written extends EventEmitter {
  writableLength = 0
  text = ''
  writeHead() {
    return this
  }
  flushHeaders() {}
  write(text: string) {
    this.text += text
  }
  end(text = '') {
    this.text += text
    this.emit('close')
  }
}

function exchangeWith(isEndless = false) {
  const response = new Written()
  const upstream = { reply: null as ModernReply | null, givenUp: 0 }
  const send = (_message: unknown, _headers: unknown, reply: ModernReply) => {
    upstream.reply = reply
    return () => {
      upstream.givenUp += 1
    }
  }
  const key = { identity: { id: 'i', name: 'agent' }, identityId: 'i', prefix: 'ik_1' }
  const server = { slug: 'server', idleDeadlineSeconds: 60, deadlineSeconds: 600 }
  const ask = { response, key, server } as unknown as ModernAsk
  const message: RequestMessage = { kind: 'request', id: 1, method: 'tools/call', params: {}, body: {} }
  const way = { leg: { size: 0, send, close: async () => undefined } } as unknown as Reached
  return { exchange: new ModernExchange(ask, message, way, isEndless), response, upstream }
}
const progress = { kind: 'notification', method: 'notifications/progress', params: {}, body: {} } as const

test('a server that says nothing for too long is given up, after the time that its steward allows', async () => {
  const { exchange, upstream } = exchangeWith()
  const answer = exchange.send({})
  exchange.sweep(Date.now() + 59_000)
  expect(upstream.givenUp).toBe(0)
  exchange.sweep(Date.now() + 61_000)
  expect(upstream.givenUp).toBe(1)
  expect((await answer).reply).toMatchObject({ kind: 'failure', isCancelled: false, failure: { wasSent: true } })
})

test('a subscription may be silent for ever, and is kept alive', () => {
  const { exchange, response, upstream } = exchangeWith(true)
  void exchange.send({})
  exchange.sweep(Date.now() + 86_400_000)
  expect(upstream.givenUp).toBe(0)
  expect(response.text).toBe(': \n\n')
})

test('a client that closes cancels what is under way, and nothing is sent for one that has gone before', async () => {
  const { exchange, response, upstream } = exchangeWith()
  const answer = exchange.send({})
  response.emit('close')
  expect((await answer).reply).toMatchObject({ isCancelled: true, failure: { wasSent: true } })
  expect(upstream.givenUp).toBe(1)
  expect((await exchange.send({})).reply).toMatchObject({ isCancelled: true, failure: { wasSent: false } })
})

test('what speaks of a resource comes on a subscription only, where it is looked at', () => {
  const { exchange, response, upstream } = exchangeWith()
  void exchange.send({})
  upstream.reply?.onNotification({ ...progress, method: 'notifications/resources/updated' }, '{"uri":"secret"}')
  upstream.reply?.onNotification(progress, '{"progress":1}')
  expect(response.text).toBe('event: message\ndata: {"progress":1}\n\n')
})

const doubts: [status: number | null, isDoubtful: boolean][] = [
  [400, true],
  [404, true],
  [405, true],
  [401, false],
  [429, false],
  [502, false],
  [null, false],
]
test.each(doubts)('HTTP %s without an answer makes its protocol doubtful: %s', async (status, isDoubtful) => {
  const { exchange, upstream } = exchangeWith()
  const answer = exchange.send({})
  upstream.reply?.onFailure({ wasSent: true, status, message: 'm' })
  await answer
  expect(exchange.isDoubtful).toBe(isDoubtful)
})
