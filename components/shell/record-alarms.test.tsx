import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import type { ProxyAlarm } from '@/lib/audit/queries'
import { RecordAlarms } from './record-alarms'

const quiet: ProxyAlarm = { proxy: 'edge-1', auditGap: 0, quarantined: 0, damagedLines: 0 }
const words = (alarms: ProxyAlarm[]) =>
  renderToStaticMarkup(<RecordAlarms alarms={alarms} />)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

test.each([
  ['a gap', { auditGap: 21 }, /edge-1 could not record 21 decisions .* refused; denials stood.* Look at the disk/],
  ['quarantine', { quarantined: 1 }, /edge-1 holds 1 record that Postgres refused.* in quarantine/],
  ['damage', { damagedLines: 1_200 }, /edge-1 found 1,200 lines .* damaged.* intercept audit verify/],
])('%s: the console names the proxy and says what to do', (_, fault, expected) => {
  expect(words([{ ...quiet, ...fault }])).toMatch(expected)
})

test('without a fault there is nothing, and many proxies do not fill the page', () => {
  expect(words([])).toBe('')
  const many = Array.from({ length: 40 }, (_, i) => ({ ...quiet, proxy: `p${i}`, auditGap: 1 }))
  expect(words(many)).toMatch(/p3 .* And 36 more/)
})
