import type { Entry, HiddenName } from '../document'
import { globMatches, isPattern } from '../names'
import type { Report } from './report'
import type { Path } from './source'

/** What two rules of one entry do to each other. */
export function checkEntry(entry: Entry, path: Path, report: Report): void {
  const enforced = entry.rules.filter(rule => rule.mode === 'enforce')
  const opening = enforced.filter(rule => rule.action === 'allow')
  const always = opening.find(rule => rule.when === null)
  if (always && entry.name !== '*' && opening.some(rule => rule.when !== null)) {
    const message = 'This allow has no `when`, so it opens the tool whatever the `when` of the other allow says.'
    report.warn({ code: 'allow_without_when', message, path: [...path, 'rules', entry.rules.indexOf(always)] })
  }
  warnOfUnreachable(entry, path, report)
  warnOfSameName(entry, path, report)
}

function warnOfUnreachable(entry: Entry, path: Path, report: Report): void {
  const stop = entry.rules.find(
    ({ mode, action, when, conditions }) =>
      mode === 'enforce' && action === 'deny' && when === null && conditions.length === 0,
  )
  if (!stop) return
  for (const [index, rule] of entry.rules.entries()) {
    if (rule === stop || rule.mode === 'shadow') continue
    const message = `Nothing this rule says matters: line ${stop.line} denies every call of "${entry.name}".`
    report.warn({ code: 'unreachable_rule', message, path: [...path, 'rules', index] })
  }
}

function warnOfSameName(entry: Entry, path: Path, report: Report): void {
  const lines = new Map<string, number>()
  for (const [index, rule] of entry.rules.entries()) {
    const first = lines.get(rule.name)
    if (first === undefined) lines.set(rule.name, rule.line)
    else {
      const message = `Line ${first} has this name too: a decision that names it would not say which.`
      report.warn({ code: 'duplicate_rule_name', message, path: [...path, 'rules', index, 'name'] })
    }
  }
}

/** Under `default: deny` an entry of denials alone opens its tool: naming is enough, and whoever denies may not see it. */
export function checkOpenByName(entries: readonly Entry[], effect: 'allow' | 'deny', report: Report): void {
  if (effect === 'allow') return
  for (const { name, rules } of entries) {
    const enforced = rules.filter(({ mode }) => mode === 'enforce')
    const onlyRefuses = enforced.every(
      ({ action, when }) => (action === 'deny' || action === 'require_approval') && when !== null,
    )
    if (name === '*' || enforced.length === 0 || !onlyRefuses) continue
    const message = `This entry names "${name}", so the default does not speak of it: what none of its rules match is allowed. Write an allow that says what is.`
    report.warn({ code: 'open_by_name', message, path: ['tools', name], atKey: true })
  }
}

/** Comparisons of patterns with names; past it the warning is not worth the wait. */
const MAX_COMPARED = 2_000_000

/** Rules of a hidden tool are never heard. */
export function checkHidden(entries: readonly Entry[], hide: readonly HiddenName[], report: Report): void {
  const exact = new Map(hide.map(hidden => [hidden.name, hidden]))
  const every = hide.filter(({ name }) => isPattern(name))
  const patterns = every.length * entries.length > MAX_COMPARED ? [] : every
  for (const entry of entries) {
    if (entry.rules.length === 0 || entry.name === '*') continue
    const hidden = entry.hide
      ? { name: entry.name, line: entry.line }
      : (exact.get(entry.name) ?? patterns.find(({ name }) => globMatches(name, entry.name)))
    if (!hidden) continue
    const message = `"${entry.name}" is hidden on line ${hidden.line}, so each of its calls is refused whatever its rules say.`
    report.warn({ code: 'hidden_rules', message, path: ['tools', entry.name], atKey: true })
  }
}
