import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventsOf } from '../testing/events'
import { natsServer, startNats, WITHOUT_NATS } from '../testing/nats-server'
import { NatsSink, subjectOf } from './nats'

test.each([
  [{ server: 'mistral', effect: 'deny' }, 'intercept.records.mistral.deny'],
  [{ server: 'a.b *>', effect: null }, 'intercept.records.a_b___._'],
  [{ server: null, effect: null }, 'intercept.records._._'],
])('%j goes to %s', (event, subject) => {
  expect(subjectOf('intercept.records', event)).toBe(subject)
})

if (natsServer === null) process.stdout.write(`\nNATS is not tried: ${WITHOUT_NATS}\n`)

describe.skipIf(natsServer === null)(`JetStream${natsServer === null ? ` (${WITHOUT_NATS})` : ''}`, () => {
  let nats: Awaited<ReturnType<typeof startNats>>
  beforeAll(async () => {
    nats = await startNats('authorization { token: "let-me-in" }')
  })
  afterAll(() => nats?.close())
  const open: NatsSink[] = []
  beforeEach(async () => {
    await manage(async manager => {
      await manager.streams.delete('RECORDS').catch(() => undefined)
      await manager.streams.add({ name: 'RECORDS', subjects: ['intercept.records.>'], max_msg_size: 100_000 })
    })
  })
  afterEach(async () => {
    for (const sink of open.splice(0)) await sink.close()
  })

  const sink = (more: object = {}, secrets: object = { token: 'let-me-in' }) => {
    const made = new NatsSink({ url: nats.url, allowPrivate: true, subject: 'intercept.records', ...more }, secrets)
    open.push(made)
    return made
  }

  async function manage<Result>(
    run: (manager: Awaited<ReturnType<typeof jetstreamManager>>) => Promise<Result>,
  ): Promise<Result> {
    const connection = await connect({ servers: nats.address, token: 'let-me-in' })
    try {
      return await run(await jetstreamManager(connection))
    } finally {
      await connection.close()
    }
  }

  async function stored(): Promise<{ subject: string; text: string; id: string | undefined }[]> {
    const connection = await connect({ servers: nats.address, token: 'let-me-in' })
    try {
      const consumer = await jetstream(connection).consumers.get('RECORDS')
      const messages: { subject: string; text: string; id: string | undefined }[] = []
      for await (const message of await consumer.fetch({ max_messages: 10_000, expires: 1_000 }))
        messages.push({ subject: message.subject, text: message.string(), id: message.headers?.get('Nats-Msg-Id') })
      return messages
    } finally {
      await connection.close()
    }
  }

  test('each record is a message on the subject of its server and effect, in the order of its chain', async () => {
    const events = eventsOf(100)
    await sink().send(events)
    const messages = await stored()
    expect(messages.map(({ text }) => text)).toEqual(events.map(({ text }) => text))
    expect(messages.map(({ id }) => id)).toEqual(events.map(({ id }) => id))
    expect(new Set(messages.map(({ subject }) => subject))).toEqual(new Set(['intercept.records.mistral.allow']))
  })

  test('what is sent twice is stored once', async () => {
    const events = eventsOf(50)
    await sink().send(events)
    await sink().send(events)
    expect((await stored()).length).toBe(100)
  })

  test('without a stream the message says what to make', async () => {
    await expect(sink({ subject: 'elsewhere' }).send(eventsOf(1))).rejects.toThrow(/No stream at .* takes elsewhere\.>/)
  })

  test('a wrong token is said, and nothing is stored', async () => {
    await expect(sink({}, { token: 'wrong' }).send(eventsOf(1))).rejects.toThrow(/authorization/i)
    await expect(sink({ allowPrivate: false }).send(eventsOf(1))).rejects.toThrow(/private address/)
  })

  test('killed in between, it takes the same ones again and stores each once', async () => {
    const events = eventsOf(20)
    const one = sink()
    await one.send(events.slice(0, 30))
    await nats.stop()
    await expect(one.send(events)).rejects.toThrow()
    await nats.start()
    await one.send(events)
    expect((await stored()).map(({ text }) => text)).toEqual(events.map(({ text }) => text))
  })
})
