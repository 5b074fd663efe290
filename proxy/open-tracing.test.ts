import { expect, test } from 'vitest'
import { readTracing } from '@/lib/env-tracing'
import { silentLog } from './log'
import { openTracing } from './open-tracing'
import { startCollector } from './testing/collector'
import { until } from './testing/gateway'

const at = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }
const told: [what: string, env: Record<string, string>, expected: object | undefined][] = [
  ['no address', { OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'nonsense' }, undefined],
  ['an address', at, { url: 'http://collector:4318/v1/traces', serviceName: 'intercept' }],
  [
    'an address of traces alone, whole',
    { ...at, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://t/in' },
    { url: 'https://t/in' },
  ],
  ['switched off', { ...at, OTEL_SDK_DISABLED: 'true' }, undefined],
  ['no exporter', { ...at, OTEL_TRACES_EXPORTER: 'none' }, undefined],
  [
    'headers',
    { ...at, OTEL_EXPORTER_OTLP_HEADERS: 'a=1,key=Bearer%20x', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=2' },
    { headers: { a: '2', key: 'Bearer x' } },
  ],
  [
    'a ratio',
    { ...at, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
    { sampler: { ratio: 0.25, isParentBased: false } },
  ],
  [
    'none of its own',
    { ...at, OTEL_TRACES_SAMPLER: 'parentbased_always_off' },
    { sampler: { ratio: 0, isParentBased: true } },
  ],
]
test.each(told)('%s', (_what, env, expected) => {
  const read = readTracing(env as unknown as NodeJS.ProcessEnv)
  if (expected) expect(read).toMatchObject(expected)
  else expect(read).toBeUndefined()
})

test.each([
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /OTEL_EXPORTER_OTLP_PROTOCOL.*4318/],
  [{ OTEL_TRACES_SAMPLER: 'nonsense' }, /OTEL_TRACES_SAMPLER/],
  [{ OTEL_TRACES_SAMPLER_ARG: '7' }, /OTEL_TRACES_SAMPLER_ARG/],
])('%j is refused with the name of what is wrong', (env, expected) => {
  expect(() => readTracing({ ...at, ...env } as unknown as NodeJS.ProcessEnv)).toThrow(expected)
})

async function tracingTo(url: string) {
  const settings = readTracing({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_BSP_SCHEDULE_DELAY: '60000',
  } as unknown as NodeJS.ProcessEnv)
  if (!settings) throw new Error('no settings')
  const counts = { ended: 0, exported: 0, failed: 0 }
  const count = (result: keyof typeof counts, spans: number) => {
    counts[result] += spans
  }
  const tracing = await openTracing({ settings, version: '0', name: 'p', transport: 'pipe', count, log: silentLog })
  const identity = { id: 'i', name: 'n', kind: 'agent', labels: {}, groups: [] } as never
  const caller = { identity, keyPrefix: null, sessionId: null, clientName: null, clientVersion: null, server: 's' }
  const asked = { method: 'tools/call', name: 't', args: {}, requestId: 1, traceId: null, readAt: 0 }
  const span = () => tracing.begin({ ...caller, seenDigest: async () => null, hasDefinitions: () => true }, asked).end()
  return { tracing, counts, span }
}

test('what waits is bounded: past it spans are dropped, and the counts tell how many', async () => {
  const collector = await startCollector()
  const { tracing, counts, span } = await tracingTo(collector.url)
  // At once: a batch of 512 is on its way, 2,048 wait.
  for (let i = 0; i < 3_000; i++) span()
  await until(() => counts.exported >= 2_560, 20_000)
  await tracing.close()
  expect(counts).toEqual({ ended: 3_000, exported: 2_560, failed: 0 })
  expect(collector.spans).toHaveLength(2_560)
  await collector.close()
})

test('what is there is sent when it closes', async () => {
  const collector = await startCollector()
  const { tracing, span } = await tracingTo(collector.url)
  for (let i = 0; i < 5; i++) span()
  await tracing.close()
  await until(() => collector.spans.length === 5)
  await collector.close()
})
