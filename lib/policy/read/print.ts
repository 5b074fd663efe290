import { stringify } from 'yaml'
import type { Condition, Document, DocumentTest, Entry, Limit, Rule, Validation } from '../document'

type Written = Record<string, unknown>

/** The document as YAML in its canonical order, each default left out; `parse(print(p))` has p's content. */
export function print(document: Document): string {
  return stringify(writtenForm(document), {
    lineWidth: 0,
    version: '1.2',
    schema: 'core',
    aliasDuplicateObjects: false,
  })
}

/** The document as a plain object, keys in canonical order: what `print` writes. */
export function writtenForm(document: Document): Written {
  const { isVersioned, description, timezone, hide, redact, entries, tests } = document
  return compact({
    version: isVersioned ? '1' : undefined,
    description: description ?? undefined,
    timezone: timezone ?? undefined,
    default: document.default.isWritten ? document.default.effect : undefined,
    hide: orNothing(hide.map(({ name }) => name)),
    redact: orNothing(redact),
    tools: Object.fromEntries(entries.map(entry => [entry.name, writeEntry(entry)])),
    tests: orNothing(tests.map(writeTest)),
  })
}

function compact(fields: Written): Written {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function orNothing<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined
}

function writeEntry({ hide, rules }: Entry): Written {
  return compact({ hide: hide || undefined, rules: rules.map(writeRule) })
}

function writeRule(rule: Rule): Written {
  const { name, isNamed, action, when, conditions, validate, approval, reason, redact, mode } = rule
  const state = rule.limits.find(limit => limit.form === 'state')
  return compact({
    name: isNamed ? name : undefined,
    mode: mode === 'shadow' ? mode : undefined,
    action: action ?? undefined,
    when: when?.map(writeCondition),
    conditions: orNothing(conditions.map(writeCondition)),
    rate_limit: writeRateLimit(rule.limits.find(limit => limit.form !== 'state')),
    state: state && { counter: state.counter, window: writeWindow(state), ...writeIncrement(state) },
    validate: validate ? writeValidation(validate) : undefined,
    approval: approval
      ? {
          timeout: approval.timeoutSeconds,
          valid_for: approval.validForSeconds,
          ...(approval.holdSeconds > 0 ? { hold: approval.holdSeconds } : {}),
        }
      : undefined,
    reason: reason ?? undefined,
    redact: orNothing(redact),
  })
}

function writeCondition({ path, op, value }: Condition): Written {
  return { path, op, value }
}

function writeRateLimit(limit: Limit | undefined): unknown {
  if (!limit) return undefined
  if (limit.form === 'string') return `${limit.max}/${limit.window}`
  const { cost } = limit
  const isOne = 'amount' in cost && cost.amount === 1
  return compact({
    max: limit.max,
    window: writeWindow(limit),
    per: limit.per,
    cost: isOne ? undefined : 'path' in cost ? cost.path : cost.amount,
  })
}

/** As it was written: seconds stay a number. */
function writeWindow({ window }: Limit): string | number {
  return /^[0-9]+$/.test(window) ? Number(window) : window
}

function writeIncrement({ cost }: Limit): Written {
  if ('path' in cost) return { increment_from: cost.path }
  return cost.amount === 1 ? {} : { increment: cost.amount }
}

function writeValidation({ requiredArgs, schema, unknownArgs, maxBytes }: Validation): Written {
  return compact({
    required_args: requiredArgs || undefined,
    schema: schema || undefined,
    unknown_args: unknownArgs ? 'deny' : undefined,
    max_bytes: maxBytes ?? undefined,
  })
}

function writeTest({ name, call, args, identity, session, at, callsBefore, expect }: DocumentTest): Written {
  const { effect, rule, code } = expect
  return compact({
    name,
    call,
    args,
    identity: identity ?? undefined,
    session: session ?? undefined,
    at: new Date(at).toISOString(),
    calls_before: callsBefore || undefined,
    expect:
      rule === null && code === null ? effect : compact({ effect, rule: rule ?? undefined, code: code ?? undefined }),
  })
}
