import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  closingLine,
  countPlaywright,
  countVitest,
  failedInPlaywright,
  failedInVitest,
  filesToRunAgain,
  flakyInPlaywright,
  sum,
} from './test-count.mjs'

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map(each => ({ status: each })),
})
const vitest = (passed: number, failed: number, ...testResults: object[]) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults,
})
const playwright = (stats: object, errors: object[] = []) => ({
  stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0, ...stats },
  errors,
})

describe('what failed is never counted as fine', () => {
  test.each([
    ['vitest, all well', countVitest(vitest(3, 0, file('passed', 'passed')), true), [3, 0]],
    ['vitest, one test failed', countVitest(vitest(2, 1, file('failed', 'failed')), false), [2, 1]],
    ['vitest, a file that does not load', countVitest(vitest(2, 0, file('failed')), false), [2, 1]],
    ['vitest, fell over after its tests', countVitest(vitest(2, 0, file('passed', 'passed')), false), [2, 1]],
    ['vitest, no report', countVitest(null, true), [0, 1]],
    ['Playwright, all well', countPlaywright(playwright({ expected: 4 }), true), [4, 0]],
    ['Playwright, one test failed', countPlaywright(playwright({ expected: 4, unexpected: 1 }), false), [4, 1]],
    ['Playwright, setup failed', countPlaywright(playwright({}, [{ message: 'no chromium' }]), false), [0, 1]],
    ['Playwright, no report', countPlaywright(null, false), [0, 1]],
  ])('%s', (_, count, [passed, failed]) => {
    expect(count).toMatchObject({ passed, failed })
  })
})

test('what failed is named again at the end, with why', () => {
  const broken = { name: 'b.test.ts', status: 'failed', message: 'does not load', assertionResults: [] }
  const failing = {
    name: 'a.test.ts',
    status: 'failed',
    assertionResults: [
      { fullName: 'fine', status: 'passed' },
      { fullName: 'adds', status: 'failed', failureMessages: ['expected 1 to be 2'] },
    ],
  }
  expect(failedInVitest({ testResults: [failing, broken] })).toEqual([
    { name: 'a.test.ts › adds', message: 'expected 1 to be 2' },
    { name: 'b.test.ts', message: 'does not load' },
  ])
  const spec = {
    file: 'c.spec.ts',
    title: 'opens',
    ok: false,
    tests: [{ results: [{ error: { message: 'closed' } }] }],
  }
  const report = {
    errors: [{ message: 'no chromium' }],
    suites: [{ suites: [{ specs: [spec] }], specs: [{ ...spec, ok: true }] }],
  }
  expect(failedInPlaywright(report)).toEqual([
    { name: 'Playwright', message: 'no chromium' },
    { name: 'c.spec.ts › opens', message: 'closed' },
  ])
  expect([failedInVitest(null), failedInPlaywright(null)]).toEqual([[], []])
})

describe('a second run, alone', () => {
  const failed = (name: string) => ({ name, ...file('failed', 'failed') })
  const unloaded = { name: '/r/proxy/b.test.ts', ...file('failed') }
  test.each([
    ['what waits for processes gets one', [failed('/r/proxy/a.test.ts')], ['/r/proxy/a.test.ts']],
    ['the pure kernel gets none', [failed('/r/lib/policy/a.test.ts'), failed('/r/proxy/a.test.ts')], []],
    ['a file that does not load gets none', [unloaded, failed('/r/proxy/a.test.ts')], []],
    ['a broken run gets none', [1, 2, 3, 4].map(each => failed(`/r/proxy/${each}.test.ts`)), []],
    ['what passed gets none', [{ name: '/r/proxy/a.test.ts', ...file('passed', 'passed') }], []],
  ])('%s', (_, testResults, files) => {
    expect(filesToRunAgain({ testResults }, '/r')).toEqual(files)
  })

  test("Playwright's second tries are named", () => {
    const spec = (status: string) => ({ file: 'a.spec.ts', title: status, ok: true, tests: [{ status }] })
    expect(flakyInPlaywright({ suites: [{ specs: [spec('flaky'), spec('expected')] }] })).toEqual(['a.spec.ts › flaky'])
  })
})

test('the closing line is one line over everything', () => {
  const total = sum([countVitest(vitest(3, 1), false), countPlaywright(playwright({ expected: 4, skipped: 2 }), true)])
  expect(closingLine(total)).toBe('7 passed, 1 failed, 2 skipped')
  expect(closingLine(sum([countVitest(vitest(3, 0), true)]))).toBe('3 passed, 0 failed')
})

test('.ci/run calls exactly this command', () => {
  const lines = readFileSync(path.resolve(import.meta.dirname, '../.ci/run'), 'utf8')
    .trim()
    .split('\n')
  expect(lines.at(-1)).toBe('exec npm test')
})
