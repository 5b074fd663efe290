import type { Condition, Operator } from '../document'
import type { JsonValue } from '../json/value'
import { KNOWN_PATHS, type ParsedPath, parsePath, ROOTS } from '../paths'
import { compilePattern } from '../patterns'
import type { WrittenCondition } from './language'
import { didYouMean, nearest } from './nearest'
import type { Report } from './report'
import { nodeAt, type Path } from './source'

const ORDERED: readonly Operator[] = ['lt', 'lte', 'gt', 'gte']
const TEXTUAL: readonly Operator[] = ['glob', 'starts_with', 'ends_with']
const CLOSED: Readonly<Record<string, readonly string[]>> = {
  'tool.category': ['Read', 'Write', 'Execute', 'Destructive', 'Financial'],
  'tool.risk': ['low', 'medium', 'high', 'critical'],
}

/** Checks one condition's path, operator and value against each other. */
export function checkCondition(
  written: WrittenCondition,
  path: Path,
  clause: 'when' | 'conditions',
  report: Report,
): Condition {
  const value = (nodeAt(report.root, [...path, 'value']).value ?? null) as JsonValue
  const condition: Condition = { path: written.path, op: written.op, value }
  const parsed = parsePath(written.path)
  if ('fault' in parsed) {
    const suggestion = nearestPath(written.path)
    const fix = suggestion ? { fix: report.replacement(`Write ${suggestion}`, [...path, 'path'], suggestion) } : {}
    report.error({
      code: 'unknown_path',
      message: `${parsed.fault}${didYouMean(suggestion)}`,
      path: [...path, 'path'],
      ...fix,
    })
    return condition
  }
  if (parsed.root === 'state' && clause === 'when') {
    const message = 'Counters are read in `conditions` only: a limit that silences a rule would loosen it.'
    report.error({ code: 'state_in_when', message, path: [...path, 'path'] })
  }
  const fault = faultOfValue(condition, parsed)
  if (fault) report.error({ code: fault.code, message: fault.message, path: [...path, 'value'] })
  else warnOfChoice(condition, path, report)
  return condition
}

/** A known path that is near, or the path under the root that was meant. */
function nearestPath(path: string): string | null {
  const known = nearest(
    path,
    KNOWN_PATHS.filter(candidate => !candidate.endsWith('.')),
  )
  if (known !== null) return known
  const [root = '', ...steps] = path.split('.')
  const meant = [nearest(root, ROOTS), ...steps].join('.')
  return 'fault' in parsePath(meant) ? null : meant
}

interface ValueFault {
  readonly code: string
  readonly message: string
}

function faultOfValue({ path, op, value }: Condition, parsed: ParsedPath): ValueFault | null {
  const wrong = (wanted: string): ValueFault => ({
    code: 'wrong_operand',
    message: `The value of \`${op}\` is ${wanted}.`,
  })
  if (op === 'in' || op === 'not_in') return Array.isArray(value) ? null : wrong('a list, such as [a, b]')
  if (op === 'exists') return typeof value === 'boolean' ? null : wrong('true or false')
  if (op === 'regex') return faultOfPattern(value, wrong('text: an RE2 pattern'))
  if (TEXTUAL.includes(op)) return typeof value === 'string' ? null : wrong('text')
  if (!ORDERED.includes(op)) return null
  const form = formOfText(path)
  if (form) return typeof value === 'string' && form.pattern.test(value) ? null : wrong(`text in the form ${form.name}`)
  if (typeof value !== 'number') return wrong('a number')
  return parsed.root === 'state' && value < 0 ? wrong('a number that is not negative') : null
}

function faultOfPattern(value: JsonValue, wrong: ValueFault): ValueFault | null {
  if (typeof value !== 'string') return wrong
  const pattern = compilePattern(value)
  return 'fault' in pattern ? { code: 'bad_pattern', message: pattern.fault } : null
}

/** `request.time` and `request.date` are the only texts that have an order. */
function formOfText(path: string): { name: string; pattern: RegExp } | null {
  if (path === 'request.time') return { name: 'HH:MM', pattern: /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/ }
  if (path === 'request.date')
    return { name: 'YYYY-MM-DD', pattern: /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/ }
  return null
}

/** A category that is none would make the condition false for ever. */
function warnOfChoice({ path: subject, op, value }: Condition, path: Path, report: Report): void {
  const choices = Object.hasOwn(CLOSED, subject) ? CLOSED[subject] : undefined
  if (!choices || !['eq', 'neq', 'in', 'not_in'].includes(op)) return
  for (const [index, item] of (Array.isArray(value) ? value : [value]).entries()) {
    if (typeof item !== 'string' || choices.includes(item)) continue
    const at = Array.isArray(value) ? [...path, 'value', index] : [...path, 'value']
    const suggestion = nearest(item, choices)
    const fix = suggestion ? { fix: report.replacement(`Write ${suggestion}`, at, suggestion) } : {}
    const message = `${subject} is one of ${choices.join(', ')}; "${item}" never is.${didYouMean(suggestion)}`
    report.warn({ code: 'never_equal', message, path: at, ...fix })
  }
}
