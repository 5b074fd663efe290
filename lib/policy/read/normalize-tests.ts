import { CODES } from '../decision'
import type { DocumentTest } from '../document'
import type { JsonObject } from '../json/value'
import type { WrittenTest } from './language'
import { checkName } from './names-check'
import { didYouMean, nearest } from './nearest'
import type { Report } from './report'
import { nodeAt, type Path, pointerOf } from './source'

const DEFAULT_AT = Date.parse('2026-01-05T12:00:00Z')
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/

/** Makes the normal form of the `tests` section. */
export function normalizeTests(written: readonly WrittenTest[], report: Report): readonly DocumentTest[] {
  const names = new Set<string>()
  return written.map((test, index) => {
    const path: Path = ['tests', index]
    checkName(test.name, [...path, 'name'], report)
    if (names.has(test.name)) {
      report.error({ code: 'duplicate_test', message: 'Another test has this name.', path: [...path, 'name'] })
    }
    names.add(test.name)
    return normalizeTest(test, path, report)
  })
}

function normalizeTest(test: WrittenTest, path: Path, report: Report): DocumentTest {
  const node = nodeAt(report.root, path)
  const range = report.index.rangeOf(node.from, node.to)
  const expected = typeof test.expect === 'string' ? { effect: test.expect } : test.expect
  return {
    pointer: pointerOf(path),
    line: range.start.line,
    range,
    name: test.name,
    call: test.call,
    args: (nodeAt(report.root, [...path, 'args']).members
      ? nodeAt(report.root, [...path, 'args']).value
      : {}) as JsonObject,
    identity: test.identity ?? null,
    session: test.session ?? null,
    at: readTime(test.at, [...path, 'at'], report),
    callsBefore: test.calls_before ?? 0,
    expect: {
      effect: expected.effect,
      rule: expected.rule ?? null,
      code: readCode(expected.code, [...path, 'expect', 'code'], report),
    },
  }
}

function readTime(written: string | undefined, path: Path, report: Report): number {
  if (written === undefined) return DEFAULT_AT
  const at = RFC_3339.test(written) ? Date.parse(written) : Number.NaN
  if (Number.isFinite(at)) return at
  report.error({ code: 'bad_time', message: `"${written}" is no time: write one such as 2026-01-05T12:00:00Z.`, path })
  return DEFAULT_AT
}

function readCode(code: string | undefined, path: Path, report: Report): string | null {
  if (code === undefined || CODES.some(known => known === code)) return code ?? null
  const suggestion = nearest(code, CODES)
  const fix = suggestion ? { fix: report.replacement(`Write ${suggestion}`, path, suggestion) } : {}
  report.error({ code: 'unknown_code', message: `There is no code "${code}".${didYouMean(suggestion)}`, path, ...fix })
  return code
}
