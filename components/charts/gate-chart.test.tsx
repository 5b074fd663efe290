import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { GateChart } from './gate-chart'
import { axisLabel, spanLabel } from './time-labels'

const start = Date.parse('2026-11-22T14:00:00Z')
const buckets = Array.from({ length: 24 }, (_, n) => ({
  startMs: start + n * 3_600_000,
  counts: { allow: n === 0 ? 0 : 10, deny: n === 3 ? 2 : 0, limited: n === 3 ? 1 : 0, require_approval: 0 },
}))

test('a chart says what it shows, draws a bar for each count and hatches what a limit refused', () => {
  const drawn = renderToStaticMarkup(
    <GateChart buckets={buckets} stepSeconds={3600} height={244} summary="230 forwarded, 3 not" />,
  )
  expect(drawn).toContain('aria-label="230 forwarded, 3 not"')
  expect(drawn.match(/fill-allow-quiet/g)).toHaveLength(23)
  expect(drawn.match(/class="fill-deny"/g)).toHaveLength(1)
  expect(drawn.match(/fill="url\(#/g)).toHaveLength(1)
  expect(drawn).not.toContain('NaN')
})

test('a chart without a bucket is still a chart', () => {
  const drawn = renderToStaticMarkup(<GateChart buckets={[]} stepSeconds={60} height={112} summary="No call" />)
  expect(drawn).toContain('aria-label="No call"')
  expect(drawn).not.toMatch(/NaN|Infinity/)
})

test.each([
  [1, '14:00:00'],
  [3600, '14:00'],
  [7200, '22 Nov'],
])('with buckets of %d s the axis says %s', (stepSeconds, label) => {
  expect(axisLabel(start, stepSeconds)).toBe(label)
})

const HOUR = 3_600_000
test.each([
  ['an hour', start, start + HOUR, 3600, '22 Nov, 14:00 to 15:00'],
  ['over midnight', start + 9 * HOUR, start + 11 * HOUR, 3600, '22 Nov, 23:00 to 23 Nov, 01:00'],
  ['up to midnight', start + 9 * HOUR, start + 10 * HOUR, 3600, '22 Nov, 23:00 to 00:00'],
  ['a day', start - 14 * HOUR, start + 10 * HOUR, 86_400, '22 Nov'],
  ['two days', start - 14 * HOUR, start + 34 * HOUR, 86_400, '22 Nov to 23 Nov'],
])('%s in words', (_, from, to, stepSeconds, words) => {
  expect(spanLabel(from, to, stepSeconds)).toBe(words)
})
