import type { SinkEvent } from '../event'
import type { Secrets, Settings, SinkKind } from '../model'

/** A place that takes records. One batch at a time; whoever uses it closes it. */
export interface OpenSink {
  /** What a batch may hold, and how long records wait for others. */
  readonly batch: { readonly records: number; readonly bytes: number; readonly lingerMs: number }
  /**
   * Resolves once the receiver has taken all of them, and only then. Called again with the same ones after a failure.
   * @returns what is worth saying though they were taken, say that some were refused for good; else nothing
   * @throws SinkError, or what the connection says
   */
  send(events: readonly SinkEvent[], signal: AbortSignal): Promise<string | undefined>
  close(): Promise<void>
}

/** What a kind needs to know beside its settings. */
export interface Around {
  /** The sink's name, its id and where files of sinks are kept. */
  readonly name: string
  readonly id: string
  readonly filesFolder: string
}

/** A receiver did not take a batch; the message says why and, where it is known, what to do. */
export class SinkError extends Error {
  /** How long it asks to be left alone; null when it does not say. */
  readonly retryAfterMs: number | null
  /** It takes fewer at once. */
  readonly isTooLarge: boolean

  constructor(message: string, more: { retryAfterMs?: number | null; isTooLarge?: boolean } = {}) {
    super(message)
    this.name = 'SinkError'
    this.retryAfterMs = more.retryAfterMs ?? null
    this.isTooLarge = more.isTooLarge ?? false
  }
}

/** Opens a sink of any kind; only the packages of that kind are loaded. Nothing is connected before the first batch. */
export async function openSink(kind: SinkKind, settings: unknown, secrets: unknown, around: Around): Promise<OpenSink> {
  switch (kind) {
    case 'webhook':
      return new (await import('./webhook')).WebhookSink(settings as Settings<'webhook'>, secrets as Secrets<'webhook'>)
    case 'otlp':
      return new (await import('./otlp')).OtlpSink(settings as Settings<'otlp'>, secrets as Secrets<'otlp'>)
    case 'syslog':
      return new (await import('./syslog')).SyslogSink(settings as Settings<'syslog'>, secrets as Secrets<'syslog'>)
    case 's3':
      return new (await import('./s3')).ObjectSink(settings as Settings<'s3'>, secrets as Secrets<'s3'>)
    case 'nats':
      return new (await import('./nats')).NatsSink(settings as Settings<'nats'>, secrets as Secrets<'nats'>)
    case 'file':
      return new (await import('./file')).FileSink(settings as Settings<'file'>, around)
  }
}
