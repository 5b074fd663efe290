/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/** @type {Count} */
export const none = { passed: 0, failed: 0, skipped: 0 }

/** @param {Count[]} counts @returns {Count} */
export function sum(counts) {
  return counts.reduce(
    (total, count) => ({
      passed: total.passed + count.passed,
      failed: total.failed + count.failed,
      skipped: total.skipped + count.skipped,
    }),
    none,
  )
}

/** A check that is one of its own: a linter, a compiler. @param {boolean} ok @returns {Count} */
export const one = ok => ({ ...none, [ok ? 'passed' : 'failed']: 1 })

/**
 * A runner that says it failed fails at least once, whatever its report holds: it may have died before or after its tests.
 * @param {Count} count @param {boolean} ok @returns {Count}
 */
const atLeast = (count, ok) => (ok || count.failed > 0 ? count : { ...count, failed: 1 })

/**
 * Counts of vitest's JSON reporter. A file that could not be loaded has no tests, and is a failure.
 * @param {any} report null when there is none @param {boolean} ok whether it ended with exit code 0
 */
export function countVitest(report, ok) {
  if (!report) return one(false)
  const broken = report.testResults.filter(
    file => file.status === 'failed' && !file.assertionResults.some(each => each.status === 'failed'),
  )
  return atLeast(
    {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken.length,
      skipped: report.numPendingTests + (report.numTodoTests ?? 0),
    },
    ok,
  )
}

/**
 * Counts of Playwright's JSON reporter. Errors outside of tests, say in the global setup, are failures.
 * @param {any} report null when there is none @param {boolean} ok
 */
export function countPlaywright(report, ok) {
  if (!report) return one(false)
  const { expected, unexpected, flaky, skipped } = report.stats
  return atLeast({ passed: expected + flaky, failed: unexpected + report.errors.length, skipped }, ok)
}

/** @typedef {{ name: string, message: string }} Failed */

const briefly = (message = '', lines = 12) => message.split('\n').slice(0, lines).join('\n')

/**
 * The tests of vitest's JSON report that failed, and the files that could not be loaded, with the first lines of why.
 * @param {any} report null when there is none @returns {Failed[]}
 */
export function failedInVitest(report) {
  return (report?.testResults ?? []).flatMap(file => {
    const failed = file.assertionResults.filter(each => each.status === 'failed')
    if (failed.length === 0 && file.status === 'failed') return [{ name: file.name, message: briefly(file.message) }]
    return failed.map(each => ({
      name: `${file.name} › ${each.fullName}`,
      message: briefly((each.failureMessages ?? []).join('\n')),
    }))
  })
}

/** The same of Playwright's JSON report. @param {any} report null when there is none @returns {Failed[]} */
export function failedInPlaywright(report) {
  const ofSuite = suite => [
    ...(suite.suites ?? []).flatMap(ofSuite),
    ...(suite.specs ?? [])
      .filter(spec => !spec.ok)
      .map(spec => ({
        name: `${spec.file} › ${spec.title}`,
        message: briefly(spec.tests?.[0]?.results?.at(-1)?.error?.message),
      })),
  ]
  const outside = (report?.errors ?? []).map(error => ({ name: 'Playwright', message: briefly(error.message) }))
  return [...outside, ...(report?.suites ?? []).flatMap(ofSuite)]
}

/** A run with more broken files than this is broken, not unlucky. */
const MOST_RUN_AGAIN = 3

/**
 * Files that get a second run, alone: their failed tests start processes and wait for them on a machine that others use
 * too. The kernel's tests are pure, so one that fails has found something; so has a file that does not load.
 * @param {any} report of vitest, null when there is none @param {string} root @returns {string[]}
 */
export function filesToRunAgain(report, root) {
  const failed = (report?.testResults ?? []).filter(file => file.status === 'failed')
  const unlucky = failed.filter(
    file =>
      file.assertionResults.some(each => each.status === 'failed') && !file.name.startsWith(`${root}/lib/policy/`),
  )
  const all = unlucky.length === failed.length && failed.length <= MOST_RUN_AGAIN
  return all ? unlucky.map(file => file.name) : []
}

/** Playwright's tests that failed first and passed when they were tried again. @param {any} report @returns {string[]} */
export function flakyInPlaywright(report) {
  const ofSuite = suite => [
    ...(suite.suites ?? []).flatMap(ofSuite),
    ...(suite.specs ?? [])
      .filter(spec => spec.tests?.some(each => each.status === 'flaky'))
      .map(spec => `${spec.file} › ${spec.title}`),
  ]
  return (report?.suites ?? []).flatMap(ofSuite)
}

/** The closing line. @param {Count} count */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
