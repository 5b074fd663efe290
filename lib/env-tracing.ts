import { z } from 'zod'

/** Standard variables of OpenTelemetry (specification, SDK environment variables); those that are not here have no effect. */
const Tracing = z.object({
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], 'OTEL_TRACES_EXPORTER is otlp or none.').default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().default(''),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: z.string().default(''),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: z.string().optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: z.string().default(''),
  OTEL_TRACES_SAMPLER: z
    .enum(['always_on', 'always_off', 'traceidratio', ...parentBased('always_on', 'always_off', 'traceidratio')])
    .default('parentbased_always_on'),
  OTEL_BSP_SCHEDULE_DELAY: z.coerce.number().int().min(10).max(60_000).default(5_000),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
})

export interface TracingSettings {
  /** Takes OTLP over HTTP (JSON) as POSTs. */
  readonly url: string
  /** For the collector; may hold its key. */
  readonly headers: Readonly<Record<string, string>>
  readonly serviceName: string
  readonly resource: Readonly<Record<string, string>>
  /** How long a span waits for others to be sent with. */
  readonly delayMs: number
  readonly sampler: {
    /** Share of the traces that begin here, from 0 to 1. */
    readonly ratio: number
    /** A call that comes with a trace is kept when that trace is. */
    readonly isParentBased: boolean
  }
}

/**
 * How traces are exported; undefined where no collector is named.
 * @throws Error with one sentence that names the variable and what to do
 */
export function readTracing(source: NodeJS.ProcessEnv): TracingSettings | undefined {
  const filled = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))
  // In an environment that names no collector the other variables are somebody else's.
  if (!filled.OTEL_EXPORTER_OTLP_ENDPOINT && !filled.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return undefined
  const parsed = Tracing.safeParse(filled)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new Error(`${issue?.path.join('.')}: ${issue?.message} See .env.example.`)
  }
  const env = parsed.data
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return undefined
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL
  if (protocol === 'grpc')
    throw new Error('OTEL_EXPORTER_OTLP_PROTOCOL: traces go over HTTP. Name the collector’s HTTP port, usually 4318.')
  const { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio } = env
  return {
    url: env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? `${env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, '')}/v1/traces`,
    headers: { ...pairsOf(env.OTEL_EXPORTER_OTLP_HEADERS), ...pairsOf(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS) },
    serviceName: env.OTEL_SERVICE_NAME ?? 'intercept',
    resource: pairsOf(env.OTEL_RESOURCE_ATTRIBUTES),
    delayMs: env.OTEL_BSP_SCHEDULE_DELAY,
    sampler: {
      ratio: sampler.endsWith('traceidratio') ? ratio : sampler.endsWith('always_on') ? 1 : 0,
      isParentBased: sampler.startsWith('parentbased_'),
    },
  }
}

/** `name=value,name=value`, percent-encoded as in W3C Baggage. */
function pairsOf(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap(pair => {
    const at = pair.indexOf('=')
    return at < 1 ? [] : [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())] as const]
  })
  return Object.fromEntries(pairs)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function parentBased<Name extends string>(...names: Name[]): `parentbased_${Name}`[] {
  return names.map(name => `parentbased_${name}` as const)
}
