import { createHmac } from 'node:crypto'
import type { Agent } from 'undici'
import type { SinkEvent } from '../event'
import type { Secrets, Settings } from '../model'
import type { OpenSink } from './open-sink'
import { guardedAgent, post } from './post'

/**
 * POSTs batches, signed as Standard Webhooks 1.0 says: `webhook-id`, `webhook-timestamp` (Unix seconds) and
 * `webhook-signature: v1,<base64 HMAC-SHA-256 of id.timestamp.body>`. The id is the batch's place in its chain.
 */
export class WebhookSink implements OpenSink {
  readonly batch = { records: 500, bytes: 1024 * 1024, lingerMs: 0 }
  readonly #agent: Agent

  constructor(
    private readonly settings: Settings<'webhook'>,
    private readonly secrets: Secrets<'webhook'>,
  ) {
    this.#agent = guardedAgent(settings.allowPrivate)
  }

  async send(events: readonly SinkEvent[], signal: AbortSignal): Promise<undefined> {
    const { format, headerName } = this.settings
    const lines = events.map(event => event.text)
    const body = format === 'json' ? `[${lines.join(',')}]` : `${lines.join('\n')}\n`
    const id = batchId(events)
    const timestamp = String(Math.floor(Date.now() / 1000))
    const headers = {
      'content-type': format === 'json' ? 'application/json' : 'application/x-ndjson',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatureOf(this.secrets.signingSecret, id, timestamp, body),
      ...(this.secrets.headerValue === undefined ? {} : { [headerName.toLowerCase()]: this.secrets.headerValue }),
    }
    await post(this.#agent, this.settings, headers, body, signal)
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }
}

function batchId(events: readonly SinkEvent[]): string {
  const [first, last] = [events[0], events.at(-1)]
  return `${first?.chain}.${first?.sequence}-${last?.sequence}`
}

/** @param secret `whsec_` and base64, or any other text, whose UTF-8 is the key */
export function signatureOf(secret: string, id: string, timestamp: string, body: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
