import type { Document, Entry, HiddenName, Located } from '../document'
import { isTimeZone } from '../time-zone'
import { checkCounters } from './counter-check'
import { checkEntry, checkHidden, checkOpenByName } from './entry-check'
import type { WrittenEntry, WrittenPolicy } from './language'
import { checkName, checkPattern, checkText } from './names-check'
import { normalizeRule } from './normalize-rule'
import { normalizeTests } from './normalize-tests'
import { readRedactions } from './redactions'
import type { Report } from './report'
import { keySpanAt, nodeAt, type Path, pointerOf } from './source'

/** Makes the normal form of a policy whose shape is right. What contradicts itself is reported. */
export function normalize(written: WrittenPolicy, report: Report): Document {
  checkText(written.description ?? '', ['description'], report)
  checkTimeZone(written.timezone, report)
  const hide = readHidden(written.hide ?? [], report)
  const entries = Object.entries(written.tools ?? {}).map(([name, entry]) => readEntry(name, entry, report))
  checkCounters(entries, report)
  checkHidden(entries, hide, report)
  const byDefault = readDefault(written, report)
  checkOpenByName(entries, byDefault.effect, report)
  return {
    language: 1,
    isVersioned: written.version !== undefined,
    description: written.description ?? null,
    timezone: written.timezone ?? null,
    default: byDefault,
    hide,
    redact: readRedactions(written.redact ?? [], ['redact'], report),
    entries,
    tests: normalizeTests(written.tests ?? [], report),
  }
}

function located(path: Path, report: Report): Located {
  const node = nodeAt(report.root, path)
  const range = report.index.rangeOf(node.from, node.to)
  return { pointer: pointerOf(path), line: range.start.line, range }
}

function readEntry(name: string, written: WrittenEntry, report: Report): Entry {
  const path: Path = ['tools', name]
  checkPattern(name, path, report, true)
  const rules = (written?.rules ?? []).map((rule, index) =>
    normalizeRule(rule, name, [...path, 'rules', index], report),
  )
  const entry = { ...locatedAtKey(path, report), name, hide: written?.hide ?? false, rules }
  checkEntry(entry, path, report)
  return entry
}

/** An entry is cited by its name; what is under it begins a line later. */
function locatedAtKey(path: Path, report: Report): Located {
  const { from, to } = keySpanAt(report.root, path)
  const range = report.index.rangeOf(from, to)
  return { pointer: pointerOf(path), line: range.start.line, range }
}

function readHidden(written: readonly string[], report: Report): readonly HiddenName[] {
  const seen = new Set<string>()
  return written.map((name, index) => {
    const path: Path = ['hide', index]
    checkPattern(name, path, report)
    if (seen.has(name))
      report.error({ code: 'duplicate_hide', message: `"${name}" is hidden twice: remove one.`, path })
    seen.add(name)
    return { ...located(path, report), name }
  })
}

function checkTimeZone(zone: string | undefined, report: Report): void {
  if (zone === undefined || (checkName(zone, ['timezone'], report) && isTimeZone(zone))) return
  const message = `"${zone}" is no time zone: write an IANA name such as Europe/Paris.`
  report.error({ code: 'unknown_time_zone', message, path: ['timezone'] })
}

/** An omitted default means allow where `version` is written (such documents mean that in the wild), else deny. */
function readDefault(written: WrittenPolicy, report: Report): Document['default'] {
  if (written.default !== undefined) {
    return { ...located(['default'], report), effect: written.default, isWritten: true }
  }
  const effect = written.version === undefined ? 'deny' : 'allow'
  const [first = ''] = report.root.members?.keys() ?? []
  const fix = report.insertion(`Write default: ${effect}`, [], first, `default: ${effect}`)
  const meaning =
    effect === 'allow'
      ? 'With a `version` that means allow: a tool that nothing names can be called.'
      : 'Without a `version` that means deny: a tool that nothing names cannot be called.'
  if (report.root.members?.has('default'))
    return { ...located([], report), pointer: '', line: 1, effect, isWritten: false }
  report.warn({
    code: 'default_omitted',
    message: `\`default\` is not written. ${meaning} Write it.`,
    path: [],
    atStart: true,
    ...(fix ? { fix } : {}),
  })
  return { ...located([], report), pointer: '', line: 1, effect, isWritten: false }
}
