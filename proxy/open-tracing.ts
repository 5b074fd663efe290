import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { TracingSettings } from '@/lib/env-tracing'
import { CallTracing } from './call-spans'
import type { Log } from './log'
import type { Tracing } from './tracing'

/** What becomes of spans: past its bound the queue drops, and the collector may not take them. */
export type SpanCount = (result: 'ended' | 'exported' | 'failed', spans: number) => void

export interface Exporting {
  readonly settings: TracingSettings
  readonly version: string
  /** The proxy's name. */
  readonly name: string
  /** How clients reach this process. */
  readonly transport: 'tcp' | 'pipe'
  readonly count: SpanCount
  readonly log: Log
}

/** Spans that wait for the collector at most; past it they are dropped. */
const MAX_WAITING = 2_048
const BATCH = 512
const EXPORT_MS = 5_000
const LAST_EXPORT_MS = 800
/** Of one attribute, in characters. */
const MAX_TEXT = 512

/** Loads OpenTelemetry, which a process that makes no traces never does (it takes some 0.2 s), and begins to export. */
export async function openTracing(exporting: Exporting): Promise<Tracing> {
  const [api, sdk, resources, otlp] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ])
  const { settings, version, name, count } = exporting
  const { ratio, isParentBased } = settings.sampler
  const own = new sdk.TraceIdRatioBasedSampler(ratio)
  const { url, headers } = settings
  const exporter = new otlp.OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: EXPORT_MS })
  const provider = new sdk.BasicTracerProvider({
    sampler: isParentBased ? new sdk.ParentBasedSampler({ root: own }) : own,
    spanLimits: { attributeValueLengthLimit: MAX_TEXT },
    resource: resources.resourceFromAttributes({
      ...settings.resource,
      'service.name': settings.serviceName,
      'service.version': version,
      'service.instance.id': name,
    }),
    spanProcessors: [
      new sdk.BatchSpanProcessor(watched(exporter, exporting), {
        maxQueueSize: MAX_WAITING,
        maxExportBatchSize: BATCH,
        scheduledDelayMillis: settings.delayMs,
        exportTimeoutMillis: EXPORT_MS,
      }),
    ],
  })
  const close = async () => {
    const late = new Promise<void>(resolve => setTimeout(resolve, LAST_EXPORT_MS).unref())
    await Promise.race([provider.shutdown().catch(() => undefined), late])
  }
  const onEnd = () => count('ended', 1)
  return new CallTracing(api, provider.getTracer('intercept', version), exporting.transport, onEnd, close)
}

/** Raises the alarm when the collector falls silent: in the metrics at each batch, in the log once. */
function watched(exporter: SpanExporter, { count, log }: Exporting): SpanExporter {
  let isUp = true
  return {
    export(spans, done) {
      exporter.export(spans, result => {
        const isTaken = result.code === 0
        count(isTaken ? 'exported' : 'failed', spans.length)
        if (isTaken !== isUp && isTaken) log.info('the collector of traces takes spans again')
        else if (isTaken !== isUp) log.warn('the collector of traces does not take spans; they are lost')
        isUp = isTaken
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
  }
}
