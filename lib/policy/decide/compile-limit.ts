import type { LimitObligation } from '../decision'
import type { Entry, Limit, Rule } from '../document'
import { sayWindow } from '../durations'
import { PreciseNumber } from '../json/precise-number'
import type { JsonValue } from '../json/value'
import { millionthsOf } from '../millionths'
import { parsePath } from '../paths'
import type { RuleReference } from './compiled-policy'
import type { Context } from './context'
import { counterKey } from './limits'
import { type Resolve, resolverOf } from './resolve-path'

export type LimitOutcome = LimitObligation | { readonly fault: string }

/** Makes the obligation of a limit for a call, or says why its cost cannot be told. */
export type MakeObligation = (context: Context) => LimitOutcome

/** Subjects come from callers, so only so many are kept. */
const MAX_MADE = 1_024

/** Compiles a limit of a rule. The obligations of calls that are alike are one object, so that what is made of them is made once. */
export function compileLimit(limit: Limit, rule: Rule, entry: Entry, reference: RuleReference): MakeObligation {
  const { windowSeconds, max } = limit
  const costOf = compileCost(limit)
  const isShadow = rule.mode === 'shadow'
  const counter = counterName(limit, rule)
  const maxMillionths = millionthsOf(max) ?? 0
  const message = rule.reason ?? `Rate limit of ${max} per ${sayWindow(windowSeconds)} reached. Try again later.`
  const { policy, rule: name, pointer, line } = reference
  const made = new Map<string, LimitObligation>()
  return context => {
    const cost = costOf(context)
    if (typeof cost === 'string') return { fault: cost }
    const { per, subject } = subjectOf(limit, context)
    const last = made.get(subject)
    if (last?.per === per && last.costMillionths === cost) return last
    if (made.size >= MAX_MADE) made.clear()
    const obligation: LimitObligation = {
      kind: 'limit',
      policy,
      rule: name,
      pointer,
      line,
      entry: entry.name,
      counter,
      per,
      subject,
      windowSeconds,
      max,
      maxMillionths,
      costMillionths: cost,
      refundable: true,
      message,
      isShadow,
    }
    made.set(subject, obligation)
    return obligation
  }
}

/** A limit without a counter of its own counts under its rule's name. */
function counterName(limit: Limit, rule: Rule): string {
  return limit.counter === null ? `rule:${rule.name}` : `state:${limit.counter}`
}

/** The key under which a counter that conditions can read is kept; those are shared by the whole server. */
export function sharedCounterKey(policy: string, entry: Entry, rule: Rule, limit: Limit): string {
  return counterKey({
    policy,
    entry: entry.name,
    counter: counterName(limit, rule),
    windowSeconds: limit.windowSeconds,
    per: 'server',
    subject: '',
    isShadow: rule.mode === 'shadow',
  })
}

/** Without a session, a limit per session counts per identity. */
function subjectOf({ per }: Limit, { call }: Context): Pick<LimitObligation, 'per' | 'subject'> {
  if (per === 'server') return { per, subject: '' }
  if (per === 'tool') return { per, subject: call.tool.name }
  if (per === 'session' && call.session) return { per, subject: call.session.id }
  return { per: 'identity', subject: call.identity?.id ?? call.identity?.name ?? '' }
}

function compileCost({ cost }: Limit): (context: Context) => number | string {
  if ('amount' in cost) {
    const amount = millionthsOf(cost.amount)
    return () => amount ?? 'the cost cannot be counted in millionths'
  }
  const parsed = parsePath(cost.path)
  const resolve: Resolve = 'fault' in parsed ? () => undefined : resolverOf(parsed, 'UTC')
  return context => amountOf(resolve(context), cost.path)
}

function amountOf(value: JsonValue | undefined, path: string): number | string {
  if (value === undefined) return `${path} is missing, and says what the call costs`
  const number = value instanceof PreciseNumber && value.isExact ? value.value : value
  if (typeof number !== 'number') {
    return value instanceof PreciseNumber
      ? `${path} is a number that cannot be counted exactly`
      : `${path} is no number, and says what the call costs`
  }
  return millionthsOf(number) ?? `${path} is negative, too large, or finer than a millionth`
}
