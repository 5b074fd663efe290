import type { z } from 'zod'
import { knownKeysAt } from './known-keys'
import { didYouMean, nearest } from './nearest'
import type { Report } from './report'
import { nodeAt, type Path } from './source'

type Issue = z.core.$ZodIssue

/** Says of each way in which the text misses the language's shape what is wrong and what to write. */
export function reportShapeIssues(issues: readonly Issue[], report: Report): void {
  for (const issue of issues) reportIssue(issue, issue.path as Path, report)
}

function reportIssue(issue: Issue, path: Path, report: Report): void {
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) reportUnknownKey(key, path, report)
    return
  }
  const last = path.at(-1)
  const parent = nodeAt(report.root, path.slice(0, -1))
  if (typeof last === 'string' && parent.members && !parent.members.has(last)) {
    report.error({ code: 'missing_key', message: `"${last}" is missing here.`, path: path.slice(0, -1) })
    return
  }
  if (issue.code === 'invalid_union') {
    const branch = closestBranch(issue.errors)
    if (branch) {
      for (const inner of branch) reportIssue(inner, [...path, ...(inner.path as Path)], report)
      return
    }
  }
  if (issue.code === 'invalid_value') {
    reportChoice(issue.values.map(String), path, report)
    return
  }
  report.error({ code: 'wrong_value', message: sayIssue(issue, path, report), path })
}

function reportUnknownKey(key: string, path: Path, report: Report): void {
  const known = knownKeysAt(path)
  const at = [...path, key]
  const taken = nodeAt(report.root, path).members
  const suggestion = nearest(
    key,
    known.filter(candidate => !taken?.has(candidate)),
  )
  const message = `Unknown key "${key}".${didYouMean(suggestion)}${suggestion ? '' : ` Known here: ${known.join(', ')}.`}`
  const fix = suggestion ? { fix: report.replacement(`Write ${suggestion}`, at, suggestion, true) } : {}
  report.error({ code: 'unknown_key', message, path: at, atKey: true, ...fix })
}

function reportChoice(choices: readonly string[], path: Path, report: Report): void {
  const { value } = nodeAt(report.root, path)
  const name = nameOf(path)
  if (name === 'version') {
    report.error({
      code: 'unknown_version',
      message: 'The only version is "1".',
      path,
      fix: report.replacement('Write "1"', path, '"1"'),
    })
    return
  }
  const suggestion = typeof value === 'string' ? nearest(value, choices) : null
  const message = `"${name}" is ${sayChoices(choices)}, not ${sayValue(value)}.${didYouMean(suggestion)}`
  const fix = suggestion ? { fix: report.replacement(`Write ${suggestion}`, path, suggestion) } : {}
  report.error({ code: name === 'op' ? 'unknown_operator' : 'unknown_value', message, path, ...fix })
}

/** The branch of a union that fits the value's type: the one that does not fail at its very root. */
function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return (
    branches.find(
      issues => issues.length > 0 && issues.every(issue => issue.path.length > 0 || issue.code !== 'invalid_type'),
    ) ?? branches.at(-1)
  )
}

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
}

function sayIssue(issue: Issue, path: Path, report: Report): string {
  const { value } = nodeAt(report.root, path)
  const name = `"${nameOf(path)}"`
  switch (issue.code) {
    case 'invalid_type':
      return `${name} is ${TYPES[issue.expected] ?? issue.expected}, not ${sayValue(value)}.${hintFor(path, value)}`
    case 'too_small':
      return `${name} is too small: ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}.`
    case 'too_big':
      return `${name} is too large: at most ${issue.maximum}.`
    case 'invalid_format':
      return `${name} is seconds, minute, hour, day, or such as 90s, 15m, 6h; not ${sayValue(value)}.`
    default:
      return `${name} cannot be ${sayValue(value)}.`
  }
}

function hintFor(path: Path, value: unknown): string {
  if (path.at(-1) !== 'when' || typeof value !== 'object' || value === null) return ''
  return ' Write - {path, op, value}; `intercept import` translates the form with a pattern for each path.'
}

function nameOf(path: Path): string {
  const last = path.at(-1)
  return typeof last === 'number' ? `${String(path.at(-2))}[${last}]` : (last ?? 'the document')
}

function sayChoices(choices: readonly string[]): string {
  return choices.length > 1 ? `one of ${choices.join(', ')}` : `only "${choices[0] ?? ''}"`
}

function sayValue(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  const text = String(value)
  return `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`
}
