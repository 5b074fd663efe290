import { lookup } from 'node:dns/promises'
import { type JetStreamClient, jetstream } from '@nats-io/jetstream'
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { addressProblem } from '@/lib/catalogue/addresses'
import type { SinkEvent } from '../event'
import type { Secrets, Settings } from '../model'
import { type OpenSink, SinkError } from './open-sink'

const CONNECT_MS = 5_000
const ANSWER_MS = 10_000

/**
 * One JetStream message a record, on `<subject>.<server>.<effect>`, with the event's id as message id: what comes twice
 * within the stream's window is stored once. A batch counts when the stream has confirmed each of its messages. The stream
 * itself is made by whoever runs NATS (docs/sinks.md).
 */
export class NatsSink implements OpenSink {
  readonly batch = { records: 1_000, bytes: 4 * 1024 * 1024, lingerMs: 0 }
  #open: { connection: NatsConnection; stream: JetStreamClient } | null = null

  constructor(
    private readonly settings: Settings<'nats'>,
    private readonly secrets: Secrets<'nats'>,
  ) {}

  async send(events: readonly SinkEvent[]): Promise<undefined> {
    const { host } = new URL(this.settings.url)
    try {
      const { connection, stream } = await this.#connected()
      const most = connection.info?.max_payload ?? 1024 * 1024
      await Promise.all(
        events.map(event => {
          const payload = Buffer.from(event.text)
          const fits = payload.length + HEADER_BYTES <= most
          return stream.publish(subjectOf(this.settings.subject, event), fits ? payload : event.bare, {
            msgID: event.id,
            timeout: ANSWER_MS,
          })
        }),
      )
    } catch (error) {
      await this.close()
      const { message } = error as Error
      throw new SinkError(
        /no responders|jetstream is not enabled/i.test(message)
          ? `No stream at ${host} takes ${this.settings.subject}.>: make one (with JetStream on), or correct the subject.`
          : `${host} did not take the messages: ${message}.`,
      )
    }
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = null
    await open?.connection.close()
  }

  async #connected() {
    if (this.#open && !this.#open.connection.isClosed()) return this.#open
    const { url, ca, allowPrivate } = this.settings
    const { hostname, protocol } = new URL(url)
    await refuseClosedAddress(hostname, allowPrivate)
    const { token, user, password, credentials } = this.secrets
    const connection = await connect({
      servers: url.replace(/^(nats|tls):\/\//, ''),
      name: 'intercept',
      timeout: CONNECT_MS,
      // Other addresses that a cluster names were not checked; and reconnecting is the forwarder's part.
      ignoreClusterUpdates: true,
      reconnect: false,
      ...(protocol === 'tls:' ? { tls: ca === undefined ? {} : { ca } } : {}),
      ...(token === undefined ? {} : { token }),
      ...(user === undefined ? {} : { user, pass: password ?? '' }),
      ...(credentials === undefined ? {} : { authenticator: credsAuthenticator(Buffer.from(credentials)) }),
    })
    this.#open = { connection, stream: jetstream(connection, { timeout: ANSWER_MS }) }
    return this.#open
  }
}

/** What a message id and the head around it may take of the payload's bound. */
const HEADER_BYTES = 256

async function refuseClosedAddress(hostname: string, allowPrivate: boolean): Promise<void> {
  for (const { address } of await lookup(hostname, { all: true })) {
    const problem = addressProblem(address, allowPrivate)
    if (problem) throw new Error(`it is refused: ${problem}`)
  }
}

/** Words of a subject hold neither dots nor wildcards. */
export function subjectOf(prefix: string, { server, effect }: Pick<SinkEvent, 'server' | 'effect'>): string {
  const word = (text: string | null) => (text ?? '').replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 100) || '_'
  return `${prefix}.${word(server)}.${word(effect)}`
}
