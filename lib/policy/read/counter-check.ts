import type { Entry, Limit, Rule } from '../document'
import { parsePath, scopeOf } from '../paths'
import { didYouMean, nearest } from './nearest'
import type { Report } from './report'
import type { Path } from './source'

interface Definition {
  readonly rule: Rule
  readonly limit: Limit
}

/** Checks that counters are named once, and that conditions read counters that exist. */
export function checkCounters(entries: readonly Entry[], report: Report): void {
  const counters = new Map<string, Definition>()
  const scopes = new Map<string, string>()
  for (const entry of entries) {
    const limits = new Map<string, Definition>()
    for (const [index, rule] of entry.rules.entries()) {
      const path: Path = ['tools', entry.name, 'rules', index]
      for (const limit of rule.limits) {
        checkNamedOnce({ rule, limit }, limits, path, report)
        if (limit.counter === null) continue
        const name = `state.${scopeOf(entry.name)}.${limit.counter}`
        if (counters.has(name) && scopes.get(name) !== entry.name) refuseSharedName(name, path, report)
        scopes.set(name, entry.name)
        counters.set(name, { rule, limit })
      }
      warnOfUnnamed(rule, path, report)
    }
  }
  for (const entry of entries) {
    for (const [index, rule] of entry.rules.entries())
      checkReads(rule, ['tools', entry.name, 'rules', index], counters, report)
  }
}

function checkNamedOnce({ rule, limit }: Definition, seen: Map<string, Definition>, path: Path, report: Report): void {
  const key =
    limit.counter === null ? `rule ${rule.name} ${limit.windowSeconds} ${limit.per}` : `counter ${limit.counter}`
  const first = seen.get(key)
  if (!first) {
    seen.set(key, { rule, limit })
    return
  }
  const at = [...path, limit.form === 'state' ? 'state' : 'rate_limit']
  const message =
    limit.form === 'string'
      ? `Line ${first.rule.line} limits this entry per ${limit.window} already: keep the lower one.`
      : `Line ${first.rule.line} counts on the same counter: give ${limit.counter === null ? 'the rule' : 'the counter'} another name.`
  report.error({ code: 'duplicate_counter', message, path: at, atKey: true })
}

/** A tool that is called as `*` is in paths: a condition would read one counter and mean the other. */
function refuseSharedName(name: string, path: Path, report: Report): void {
  const message = `${name} is the counter of "*" and of a tool called "_global": give one of them another name.`
  report.error({ code: 'duplicate_counter', message, path })
}

function warnOfUnnamed(rule: Rule, path: Path, report: Report): void {
  if (rule.isNamed || rule.limits.length === 0) return
  const message = `The counter is named by the rule: without a \`name\` it is "${rule.name}", and moves when rules are reordered.`
  const key = rule.limits[0]?.form === 'state' ? 'state' : 'rate_limit'
  const fix = report.insertion(
    'Name the rule',
    path,
    rule.action === null ? key : 'action',
    `name: ${JSON.stringify(rule.name)}`,
  )
  report.warn({ code: 'unnamed_limit', message, path, ...(fix ? { fix } : {}) })
}

function checkReads(rule: Rule, path: Path, counters: ReadonlyMap<string, Definition>, report: Report): void {
  for (const [index, condition] of rule.conditions.entries()) {
    const parsed = parsePath(condition.path)
    if ('fault' in parsed || parsed.root !== 'state') continue
    const at = [...path, 'conditions', index, 'path']
    const definition = counters.get(condition.path)
    if (!definition) {
      const suggestion = report.isFull ? null : nearest(condition.path, [...counters.keys()])
      const fix = suggestion ? { fix: report.replacement(`Write ${suggestion}`, at, suggestion) } : {}
      const message = `Nothing counts ${condition.path}.${didYouMean(suggestion)}`
      report.error({ code: 'unknown_counter', message, path: at, ...fix })
    } else if (definition.rule.mode === 'shadow' && rule.mode === 'enforce') {
      const message = `${condition.path} is counted by a shadow rule, which is as if it were not written.`
      report.error({ code: 'shadow_counter', message, path: at })
    }
  }
}
