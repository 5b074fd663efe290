import type { Condition, Limit, Rule, Validation } from '@/lib/policy'

const windows: Readonly<Record<number, string>> = { 1: 'a second', 60: 'a minute', 3600: 'an hour', 86400: 'a day' }
const subjects = { session: 'each session', identity: 'each identity', tool: 'each tool', server: 'in all' } as const

/** A limit in words: `10 a minute, each session`. */
export function wordsOfLimit(limit: Limit): string {
  const amount = new Intl.NumberFormat('en').format(limit.max)
  const what = 'path' in limit.cost ? `${limit.cost.path} up to ${amount}` : amount
  return `${what} ${windowInWords(limit.windowSeconds)}, ${subjects[limit.per]}`
}

function windowInWords(seconds: number): string {
  const known = windows[seconds]
  if (known) return known
  if (seconds % 3600 === 0) return `in ${seconds / 3600}\u2009h`
  if (seconds % 60 === 0) return `in ${seconds / 60}\u2009min`
  return `in ${seconds}\u2009s`
}

/** A condition as it would be read aloud from the text: `args.namespace eq ops`. */
export function wordsOfCondition({ path, op, value }: Condition): string {
  return `${path} ${op} ${typeof value === 'string' ? value : JSON.stringify(value)}`
}

function wordsOfValidation(validate: Validation): string[] {
  const words: string[] = []
  if (validate.requiredArgs) words.push('required arguments')
  if (validate.schema) words.push('arguments by schema')
  if (validate.unknownArgs) words.push('no unknown arguments')
  if (validate.maxBytes !== null) words.push(`at most ${new Intl.NumberFormat('en').format(validate.maxBytes)} bytes`)
  return words
}

/** What a rule asks of a call. A rule with a trigger is known by its name, since its parts hold only sometimes. */
export function wordsOfRule(rule: Rule): string[] {
  if (rule.when) return [rule.isNamed ? rule.name : `when ${rule.when.map(wordsOfCondition).join(' and ')}`]
  if (rule.action === 'deny') return [rule.reason ?? (rule.isNamed ? rule.name : 'every call')]
  const words = rule.limits.map(wordsOfLimit)
  if (rule.action === 'require_approval') words.push('every call')
  words.push(...rule.conditions.map(condition => `only ${wordsOfCondition(condition)}`))
  if (rule.validate) words.push(...wordsOfValidation(rule.validate))
  return words
}
