import type { Condition, Cost, Limit } from '../document'
import { secondsOf } from '../durations'
import { millionthsOf } from '../millionths'
import { parsePath, scopeOf } from '../paths'
import type { WrittenRule } from './language'
import type { Report } from './report'
import type { Path } from './source'

const STRING_FORM = /^([1-9][0-9]{0,9})\/(minute|hour|day)$/
const MAX_UNITS = 9_007_199_254

export interface RuleBesideLimit {
  readonly written: WrittenRule
  readonly entry: string
  readonly conditions: readonly Condition[]
  readonly path: Path
}

/** Reads `rate_limit` and `state` of a rule. */
export function readLimits(rule: RuleBesideLimit, report: Report): readonly Limit[] {
  const { written, path } = rule
  const rate = written.rate_limit
  const isDeny = written.action === 'deny'
  for (const key of ['rate_limit', 'state'] as const) {
    if (isDeny && written[key] !== undefined) {
      const message = 'A rule that denies has nothing to count: remove the limit, or the action.'
      report.error({ code: 'limit_on_deny', message, path: [...path, key], atKey: true })
    }
  }
  const limits = [
    typeof rate === 'string' ? readStringForm(rate, rule, report) : rate ? readObjectForm(rate, path, report) : null,
    written.state ? readStateForm(written.state, rule, report) : null,
  ]
  return limits.filter(limit => limit !== null)
}

function readStringForm(rate: string, { written, path }: RuleBesideLimit, report: Report): Limit | null {
  const at = [...path, 'rate_limit']
  const match = STRING_FORM.exec(rate)
  const max = Number(match?.[1])
  if (!match || max > MAX_UNITS) {
    const message = `"${rate}" is no limit: write a whole number above 0, a slash, and minute, hour or day, such as 10/hour.`
    report.error({ code: 'bad_rate_limit', message, path: at })
    return null
  }
  if ((written.conditions?.length ?? 0) > 0 || written.state) {
    const message =
      'The short form stands alone in its rule: put `conditions` and `state` in a rule of their own, or write {max, window}.'
    report.error({ code: 'rate_limit_not_alone', message, path: at, atKey: true })
  }
  const window = match[2] ?? ''
  return {
    form: 'string',
    counter: `_rate_${window}`,
    max,
    windowSeconds: secondsOf(window) ?? 0,
    window,
    per: 'server',
    cost: { amount: 1 },
  }
}

function readObjectForm(
  rate: Exclude<WrittenRule['rate_limit'], string | undefined>,
  path: Path,
  report: Report,
): Limit | null {
  const at = [...path, 'rate_limit']
  const cost = readCost(rate.cost, [...at, 'cost'], report)
  const windowSeconds = secondsOf(rate.window)
  if (cost === null || windowSeconds === null) return null
  if (rate.cost === undefined && !Number.isInteger(rate.max)) {
    report.error({
      code: 'fraction_of_call',
      message: '"max" counts calls: write a whole number, or a `cost`.',
      path: [...at, 'max'],
    })
  } else checkUnits(rate.max, [...at, 'max'], report)
  const per = rate.per ?? 'session'
  if (per === 'session') warnOfSession(rate.per === undefined, at, report)
  return { form: 'object', counter: null, max: rate.max, windowSeconds, window: String(rate.window), per, cost }
}

function warnOfSession(isDefault: boolean, at: Path, report: Report): void {
  const finding = {
    code: 'per_session',
    message: 'This limit counts per session, so a new session starts from zero. Per identity holds across sessions.',
    path: at,
    atKey: true,
  }
  const fix = isDefault
    ? report.insertion('Count per identity', at, 'max', 'per: identity')
    : report.replacement('Count per identity', [...at, 'per'], 'identity')
  report.warn({ ...finding, ...(fix ? { fix } : {}) })
}

function readStateForm(state: NonNullable<WrittenRule['state']>, rule: RuleBesideLimit, report: Report): Limit | null {
  const at = [...rule.path, 'state']
  if (state.counter.includes('.')) {
    report.error({
      code: 'bad_counter',
      message: "A counter's name has no dots: state.<tool>.<counter> reads it.",
      path: [...at, 'counter'],
    })
    return null
  }
  if (state.increment !== undefined && state.increment_from !== undefined) {
    report.error({
      code: 'two_increments',
      message: 'Write `increment` or `increment_from`, not both.',
      path: [...at, 'increment_from'],
      atKey: true,
    })
  }
  const key = state.increment_from === undefined ? 'increment' : 'increment_from'
  const cost = readCost(state.increment_from ?? state.increment, [...at, key], report)
  const windowSeconds = secondsOf(state.window)
  if (cost === null || windowSeconds === null) return null
  const subject = `state.${scopeOf(rule.entry)}.${state.counter}`
  const bounds = rule.conditions
    .filter(condition => condition.path === subject)
    .map(boundOf)
    .filter(bound => bound !== null)
  if (bounds.length === 0) {
    const message = `Nothing bounds this counter: add {path: ${subject}, op: lte, value: N} to this rule's conditions.`
    report.error({ code: 'unbounded_counter', message, path: [...at, 'counter'] })
    return null
  }
  const max = Math.min(...bounds)
  return {
    form: 'state',
    counter: state.counter,
    max,
    windowSeconds,
    window: String(state.window),
    per: 'server',
    cost,
  }
}

/** `lte N` allows N, `lt N` allows N - 1; fractions of N floor. */
export function boundOf({ op, value }: Condition): number | null {
  if (typeof value !== 'number' || (op !== 'lte' && op !== 'lt')) return null
  const whole = Math.min(Math.floor(value), MAX_UNITS)
  return Math.max(0, op === 'lte' ? whole : whole - 1)
}

function readCost(cost: number | string | undefined, path: Path, report: Report): Cost | null {
  if (cost === undefined) return { amount: 1 }
  if (typeof cost === 'number') return checkUnits(cost, path, report) ? { amount: cost } : null
  const parsed = parsePath(cost)
  if (!('fault' in parsed) && parsed.root === 'args' && !parsed.steps.includes('*')) return { path: cost }
  report.error({ code: 'bad_cost', message: `"${cost}" is no amount: write a number, or args.<name> of one.`, path })
  return null
}

function checkUnits(value: number, path: Path, report: Report): boolean {
  if (millionthsOf(value) !== null) return true
  report.error({ code: 'too_fine', message: 'Amounts are counted in millionths: write at most six decimals.', path })
  return false
}
