import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Agent } from 'undici'
import type { SinkEvent } from '../event'
import type { Secrets, Settings } from '../model'
import type { OpenSink } from './open-sink'
import { guardedAgent, post } from './post'

const compress = promisify(gzip)
/** OpenTelemetry's log data model, SeverityNumber. */
const severities = { info: { number: 9, text: 'INFO' }, warn: { number: 13, text: 'WARN' } } as const

/** Members that become attributes, so that they can be searched; the whole event is the body. */
const ATTRIBUTES = [
  'identity',
  'session',
  'method',
  'tool',
  'category',
  'risk',
  'code',
  'rule',
  'policy',
  'kind',
  'error',
]

/**
 * OTLP/HTTP in its JSON encoding (opentelemetry-proto 1.x), compressed. What the receiver refuses for good by
 * `partialSuccess` is said and, as the protocol wants it, not sent again.
 */
export class OtlpSink implements OpenSink {
  readonly batch = { records: 500, bytes: 2 * 1024 * 1024, lingerMs: 0 }
  readonly #agent: Agent

  constructor(
    private readonly settings: Settings<'otlp'>,
    private readonly secrets: Secrets<'otlp'>,
  ) {
    this.#agent = guardedAgent(settings.allowPrivate)
  }

  async send(events: readonly SinkEvent[], signal: AbortSignal): Promise<string | undefined> {
    const { headerValue } = this.secrets
    const headers = {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      ...(headerValue === undefined ? {} : { [this.settings.headerName.toLowerCase()]: headerValue }),
    }
    const body = await compress(JSON.stringify(logsOf(events, Date.now())))
    return refusedIn(await post(this.#agent, this.settings, headers, body, signal))
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }
}

function refusedIn(answer: string): string | undefined {
  try {
    const { partialSuccess } = JSON.parse(answer)
    const rejected = Number(partialSuccess?.rejectedLogRecords ?? 0)
    if (rejected > 0)
      return `The receiver refused ${rejected} records for good: ${partialSuccess.errorMessage ?? 'no reason'}.`
  } catch {
    // An empty answer, or one that is no JSON: all was taken.
  }
  return undefined
}

/** ExportLogsServiceRequest of events of one proxy. */
function logsOf(events: readonly SinkEvent[], nowMs: number) {
  const proxy = events.find(event => event.proxy !== null)?.proxy
  const resource = {
    attributes: [text('service.name', 'intercept'), ...(proxy ? [text('service.instance.id', proxy)] : [])],
  }
  const logRecords = events.map(event => recordOf(event, nowMs))
  return { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'intercept.record' }, logRecords }] }] }
}

function recordOf(event: SinkEvent, nowMs: number) {
  const { record } = event
  const severity = event.effect === 'allow' && record?.error == null ? severities.info : severities.warn
  const found = ATTRIBUTES.flatMap(name => {
    const value = record?.[name]
    return typeof value === 'string' ? [text(`intercept.${name}`, value)] : []
  })
  const traceId = record?.trace_id
  return {
    timeUnixNano: `${event.time.getTime()}000000`,
    observedTimeUnixNano: `${nowMs}000000`,
    severityNumber: severity.number,
    severityText: severity.text,
    eventName: `intercept.${event.kind}`,
    body: { stringValue: event.text },
    attributes: [
      text('intercept.id', event.id),
      text('intercept.chain', event.chain),
      { key: 'intercept.sequence', value: { intValue: String(event.sequence) } },
      ...(event.server === null ? [] : [text('intercept.server', event.server)]),
      ...(event.effect === null ? [] : [text('intercept.effect', event.effect)]),
      ...found,
    ],
    ...(typeof traceId === 'string' && /^[0-9a-f]{32}$/.test(traceId) ? { traceId } : {}),
  }
}

function text(key: string, value: string) {
  return { key, value: { stringValue: value } }
}
