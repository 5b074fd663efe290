import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventsOf } from '../testing/events'
import { type HttpReceiver, httpReceiver } from '../testing/http-receiver'
import { OtlpSink } from './otlp'
import { readRetryAfter } from './post'
import { signatureOf, WebhookSink } from './webhook'

let receiver: HttpReceiver
beforeEach(async () => {
  receiver = await httpReceiver()
})
afterEach(() => receiver.close())

const never = new AbortController().signal
const signingSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const webhook = (more: object = {}, secrets: object = {}) =>
  new WebhookSink(
    { url: receiver.url, allowPrivate: true, format: 'ndjson', headerName: 'Authorization', ...more },
    { signingSecret, ...secrets },
  )
const otlp = (more: object = {}, secrets: object = {}) =>
  new OtlpSink({ url: receiver.url, allowPrivate: true, headerName: 'Authorization', ...more }, secrets)

describe('a webhook', () => {
  test.each(['ndjson', 'json'] as const)('sends %s whose signature holds over id, time and body', async format => {
    const events = eventsOf(3)
    await webhook({ format }, { headerValue: 'Bearer x' }).send(events, never)
    const [{ headers, body } = expect.fail('nothing came')] = receiver.received
    const lines = format === 'json' ? JSON.parse(body).map(JSON.stringify) : body.trim().split('\n')
    expect(lines.map((line: string) => JSON.parse(line))).toEqual(events.map(event => JSON.parse(event.text)))
    // Standard Webhooks 1.0, written anew here.
    const key = Buffer.from(signingSecret.slice('whsec_'.length), 'base64')
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
    expect(headers['webhook-id']).toBe(`${events[0]?.chain}.1-6`)
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60)
    expect(headers.authorization).toBe('Bearer x')
  })

  test('signs as the specification’s example', () => {
    const body = '{"test": 2432232314}'
    expect(signatureOf(signingSecret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', body)).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    )
  })

  test.each([
    ['http://127.0.0.1:1/x', false, /plain http is taken on loopback only/],
    ['https://127.0.0.1:1/x', false, /private address/],
    ['https://localhost:1/x', false, /private address/],
    ['https://169.254.169.254/latest', true, /link-local, metadata/],
    ['http://192.168.1.1/x', true, /use https/],
  ])('does not connect to %s (private allowed: %s)', async (url, allowPrivate, why) => {
    await expect(webhook({ url, allowPrivate }).send(eventsOf(1), never)).rejects.toThrow(why)
  })

  test('does not follow a redirect, nor take its credentials along', async () => {
    const other = await httpReceiver()
    receiver.answerWith(() => ({ status: 307, headers: { location: other.url } }))
    await expect(webhook().send(eventsOf(1), never)).rejects.toThrow(/redirect, which is not followed/)
    expect(other.received).toEqual([])
    await other.close()
  })

  test('hands on when to come back, and what is too large', async () => {
    receiver.answerWith(() => ({ status: 429, headers: { 'retry-after': '7' } }))
    await expect(webhook().send(eventsOf(1), never)).rejects.toMatchObject({ retryAfterMs: 7_000, isTooLarge: false })
    receiver.answerWith(() => ({ status: 413 }))
    await expect(webhook().send(eventsOf(1), never)).rejects.toMatchObject({ isTooLarge: true })
  })
})

test.each([
  ['120', 120_000],
  ['Sun, 22 Nov 2026 10:00:10 GMT', 10_000],
  ['Sun, 22 Nov 2026 09:00:00 GMT', null],
  ['999999', 3_600_000],
  ['soon', null],
  ['', null],
])('Retry-After %j is %s ms', (value, ms) => {
  expect(readRetryAfter(value, Date.UTC(2026, 10, 22, 10))).toBe(ms)
})

describe('OTLP', () => {
  test('sends each record as a log with its place, its trace and the whole event as body', async () => {
    const trace_id = '4bf92f3577b34da6a3ce929d0e0e4736'
    const events = eventsOf(2, { fields: { effect: 'deny', code: 'policy_denied', trace_id } })
    await otlp({ headerName: 'x-team' }, { headerValue: 'secret-team' }).send(events, never)
    const [{ headers, body } = expect.fail('nothing came')] = receiver.received
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-team': 'secret-team' })
    const { resourceLogs } = JSON.parse(body)
    expect(resourceLogs[0].resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'intercept' },
    })
    const logs = resourceLogs[0].scopeLogs[0].logRecords
    expect(logs.map((log: { body: { stringValue: string } }) => log.body.stringValue)).toEqual(
      events.map(({ text }) => text),
    )
    const [decision, outcome] = logs
    expect(decision).toMatchObject({ severityNumber: 13, eventName: 'intercept.decision', traceId: trace_id })
    expect(decision.timeUnixNano).toBe(`${events[0]?.time.getTime()}000000`)
    const attributes = Object.fromEntries(
      decision.attributes.map(({ key, value }: { key: string; value: object }) => [key, Object.values(value)[0]]),
    )
    expect(attributes).toMatchObject({
      'intercept.id': events[0]?.id,
      'intercept.sequence': '1',
      'intercept.code': 'policy_denied',
      'intercept.identity': 'demo-agent',
    })
    expect(outcome.eventName).toBe('intercept.outcome')
  })

  test('says what the receiver refused for good, and does not send it again', async () => {
    const partialSuccess = { rejectedLogRecords: '3', errorMessage: 'too old' }
    receiver.answerWith(() => ({ status: 200, body: JSON.stringify({ partialSuccess }) }))
    expect(await otlp().send(eventsOf(2), never)).toBe('The receiver refused 3 records for good: too old.')
    receiver.answerWith(() => ({ status: 200, body: '{"partialSuccess":{}}' }))
    expect(await otlp().send(eventsOf(2), never)).toBeUndefined()
  })
})
