import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Agent } from 'undici'
import { checkUpstreamUrl } from '@/lib/catalogue/addresses'
import { ObjectStore } from '../../object-store'
import type { SinkEvent } from '../event'
import type { Secrets, Settings } from '../model'
import type { OpenSink } from './open-sink'
import { guardedAgent } from './post'

const compress = promisify(gzip)

/**
 * Compressed NDJSON objects in a bucket, keyed by the hour of their first record, its proxy, chain and numbers. A batch
 * that is sent twice is the same object.
 */
export class ObjectSink implements OpenSink {
  readonly batch: OpenSink['batch']
  readonly #agent: Agent
  readonly #store: ObjectStore

  constructor(
    private readonly settings: Settings<'s3'>,
    secrets: Secrets<'s3'>,
  ) {
    const { endpoint, region, bucket, allowPrivate, lingerSeconds } = settings
    this.batch = { records: 5_000, bytes: 8 * 1024 * 1024, lingerMs: lingerSeconds * 1000 }
    this.#agent = guardedAgent(allowPrivate)
    this.#store = new ObjectStore({ endpoint, region, bucket, ...secrets, dispatcher: this.#agent })
  }

  async send(events: readonly SinkEvent[]): Promise<undefined> {
    checkUpstreamUrl(this.settings.endpoint, this.settings.allowPrivate)
    const body = await compress(events.map(event => `${event.text}\n`).join(''))
    await this.#store.put(keyOf(this.settings.prefix, events), body, { contentType: 'application/gzip' })
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }
}

/** `prefix/2026/11/22/18/proxy-1/<chain>-000000000001-000000005000.ndjson.gz` */
export function keyOf(prefix: string, events: readonly SinkEvent[]): string {
  const [first, last] = [events[0], events.at(-1)]
  if (!first || !last) throw new Error('An object holds at least one record.')
  const hour = first.time.toISOString().slice(0, 13).replace(/[-T]/g, '/')
  const proxy = (first.proxy ?? 'unknown').replace(/[^A-Za-z0-9._-]/g, '_')
  const numbers = [first.sequence, last.sequence].map(number => String(number).padStart(12, '0')).join('-')
  const folder = prefix.replace(/^\/+|\/+$/g, '')
  return `${folder ? `${folder}/` : ''}${hour}/${proxy}/${first.chain}-${numbers}.ndjson.gz`
}
