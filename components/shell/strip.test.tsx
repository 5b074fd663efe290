import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import type { StripView } from '@/lib/audit/queries'
import { Strip } from './strip'

const healthy: StripView = {
  revision: 184,
  proxies: 3,
  agreeing: 3,
  late: 0,
  activatedAt: new Date('2026-11-22T14:02:11Z'),
  spoolBytes: 0,
  shipLagMs: 300,
  auditGap: 0,
  alarms: [],
  addedMs: { p50: 0.21, p99: 1.4 },
}
const words = (changes: Partial<StripView>) =>
  renderToStaticMarkup(<Strip answer={{ state: 'known', view: { ...healthy, ...changes } }} />)
    .replace(/<svg[\s\S]*?<\/svg>/g, ' ◆ ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\s\u2009\u2002]+/g, ' ')

test.each([
  ['all is well', {}, /◆ r184 in force 3 of 3 proxies activated 14:02:11 .*gaps 0 .*p50 0.21 ms .*p99 1.4 ms/],
  ['a proxy has another revision', { agreeing: 2 }, /◆ 2 of 3 proxies agree/],
  ['a proxy fell silent', { proxies: 2, agreeing: 2, late: 1 }, /◆ 2 of 3 report/],
  ['all fell silent', { proxies: 0, agreeing: 0, late: 3 }, /◆ 3 silent, none reports/],
  ['no proxy ever ran', { proxies: 0, agreeing: 0 }, /◆ no proxy reports/],
  ['nothing was published', { revision: null, agreeing: 0 }, /◆ no policy , every call is denied .*3 of 3 proxies/],
  ['a denial went unrecorded', { auditGap: 2 }, /◆ gaps 2/],
])('when %s, the strip says so', (_, changes, expected) => expect(words(changes)).toMatch(expected))

test('without the database it says what still holds', () => {
  expect(renderToStaticMarkup(<Strip answer={{ state: 'away' }} />)).toContain('proxies go on with what they have')
})
