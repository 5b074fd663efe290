import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { addressProblem, checkedLookup } from '@/lib/catalogue/addresses'
import type { SinkEvent } from '../event'
import type { Secrets, Settings } from '../model'
import { type OpenSink, SinkError } from './open-sink'

const ANSWER_MS = 15_000
/** RFC 5424 §6.2.1: facility 13 (log audit); informational, or warning for what was not allowed. */
const AUDIT = 13 * 8
const INFORMATIONAL = 6
const WARNING = 4
/** RFC 5424 §7.2.2: names of ours need an enterprise number; this one is IANA's for documentation (RFC 5612). */
const STRUCTURE = 'intercept@32473'

/**
 * RFC 5424 messages over TLS with octet counting (RFC 5425). Syslog confirms nothing, so that each batch has a connection
 * of its own: it ends with our close_notify, and counts as taken when the receiver has read up to it and closed too.
 */
export class SyslogSink implements OpenSink {
  readonly batch = { records: 1_000, bytes: 4 * 1024 * 1024, lingerMs: 0 }
  /** Resumed, so that a connection a batch costs one round trip less. */
  #session: Buffer | undefined

  constructor(
    private readonly settings: Settings<'syslog'>,
    private readonly secrets: Secrets<'syslog'>,
  ) {}

  async send(events: readonly SinkEvent[], signal: AbortSignal): Promise<undefined> {
    const { mostBytes } = this.settings
    const body = Buffer.concat(events.map(event => framed(event, mostBytes)))
    const { host, port } = this.settings
    const address = `${host}:${port}`
    const problem = isIP(host) ? addressProblem(host, this.settings.allowPrivate) : null
    if (problem) throw new SinkError(`${address} is refused: ${problem}.`)
    const socket = this.#connect()
    const stop = () => socket.destroy(new Error('the forwarder stops'))
    signal.addEventListener('abort', stop, { once: true })
    const late = setTimeout(() => socket.destroy(new Error(`no word within ${ANSWER_MS / 1000} s`)), ANSWER_MS)
    try {
      await readUntilClosed(socket, body)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      throw new SinkError(`${address} did not take the messages: ${code ?? message}.`)
    } finally {
      clearTimeout(late)
      signal.removeEventListener('abort', stop)
      socket.destroy()
    }
  }

  #connect(): TLSSocket {
    const { host, port, allowPrivate, ca, certificate } = this.settings
    const socket = connect({
      host,
      port,
      lookup: checkedLookup(allowPrivate),
      minVersion: 'TLSv1.2',
      ...(isIP(host) ? {} : { servername: host }),
      ...(ca === undefined ? {} : { ca }),
      ...(certificate === undefined ? {} : { cert: certificate, key: this.secrets.clientKey }),
      ...(this.#session ? { session: this.#session } : {}),
    })
    socket.on('session', session => {
      this.#session = session
    })
    return socket
  }

  async close(): Promise<void> {
    this.#session = undefined
  }
}

/** Writes all, says that this is all, and waits until the other side has said the same. */
function readUntilClosed(socket: TLSSocket, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let isWritten = false
    let isEnded = false
    socket.once('error', reject)
    socket.once('secureConnect', () =>
      socket.end(body, () => {
        isWritten = true
      }),
    )
    // Receivers send nothing; what they send is read, so that their close is seen.
    socket.on('data', () => undefined)
    socket.once('end', () => {
      isEnded = true
    })
    socket.once('close', hadError => {
      if (isWritten && isEnded && !hadError) resolve()
      else reject(new Error('the connection was cut'))
    })
  })
}

function framed(event: SinkEvent, mostBytes: number): Buffer {
  const whole = messageOf(event, event.text)
  const message = whole.length > mostBytes ? messageOf(event, event.bare) : whole
  return Buffer.concat([Buffer.from(`${message.length} `), message])
}

/** One message. The text is ASCII, so that it needs no mark of UTF-8 that some receivers store along. */
function messageOf(event: SinkEvent, text: string): Buffer {
  const severity = event.effect === 'allow' ? INFORMATIONAL : WARNING
  const parameters = Object.entries({
    id: event.id,
    server: event.server,
    effect: event.effect,
    tool: textOf(event.record?.tool),
    identity: textOf(event.record?.identity),
    code: textOf(event.record?.code),
    chain: event.chain,
    sequence: String(event.sequence),
  }).flatMap(([name, value]) => (value === null ? [] : [` ${name}="${escaped(value)}"`]))
  const head = `<${AUDIT + severity}>1 ${event.time.toISOString()} ${wordOf(event.proxy, 255)} intercept - ${event.kind}`
  return Buffer.from(`${head} [${STRUCTURE}${parameters.join('')}] ${toAscii(text)}`)
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** A field of the head: printable ASCII without blanks, or a dash. */
function wordOf(text: string | null, most: number): string {
  return (text ?? '').replace(/[^\x21-\x7e]/g, '').slice(0, most) || '-'
}

/** RFC 5424 §6.3.3. */
function escaped(value: string): string {
  return value
    .slice(0, 1_000)
    .replace(/[\0-\x1f\x7f]/g, ' ')
    .replace(/["\\\]]/g, '\\$&')
}

function toAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
