import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type MetricSources, Metrics } from './metrics'

const described = readFileSync(path.join(import.meta.dirname, '../docs/metrics.md'), 'utf8')

test('every metric is described, and every one that is described is there', () => {
  const metrics = new Metrics()
  const zero = () => 0
  metrics.watch(new Proxy({} as MetricSources, { get: () => zero }))
  const names = metrics.registry.getMetricsAsArray().map(({ name }) => name)
  // Registered where traces are made.
  const all = [...names, 'intercept_trace_spans_total']
  expect(new Set(described.match(/(?<=`)intercept_[a-z0-9_]+/g))).toEqual(new Set(all))
})
