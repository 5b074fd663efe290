import type { Path } from '../read/source'
import { refuseStar, translateA } from './from-a'
import { asList, asMapping, type Translation, type Written } from './translation'

/** Dialect B is A with approvals and spending. */
export function translateB(root: Written, translation: Translation): Written {
  const { approvals, ...rest } = root
  if (approvals !== undefined) {
    translation.change(
      ['approvals'],
      'Where approvals are answered is a setting of the console, not of a policy; the block is left out.',
    )
  }
  const tools = asMapping(rest.tools)
  if (!tools) return translateA(rest, translation)
  const translated = Object.fromEntries(
    Object.entries(tools).map(([name, entry]) => [name, translateEntry(entry, ['tools', name], translation)]),
  )
  return translateA({ ...rest, tools: translated }, translation)
}

function translateEntry(entry: unknown, path: Path, translation: Translation): unknown {
  const mapping = asMapping(entry)
  if (!mapping || !Array.isArray(mapping.rules)) return entry
  const rules = mapping.rules.map((rule: unknown, index) => {
    const written = asMapping(rule)
    return written ? translateRule(written, [...path, 'rules', index], translation) : rule
  })
  return { ...mapping, rules }
}

function translateRule(rule: Written, path: Path, translation: Translation): Written {
  const { approval_timeout: timeout, conditions, spend, spend_limit: spendLimit, ...rest } = rule
  const isApproval = rule.action === 'require_approval'
  const translated: Written = { ...rest }
  if (conditions !== undefined) translated[isApproval ? 'when' : 'conditions'] = conditions
  if (isApproval && conditions !== undefined) {
    for (const [index, condition] of asList(conditions).entries())
      refuseStar(asMapping(condition)?.path, [...path, 'conditions', index], translation)
    translation.change(
      [...path, 'conditions'],
      'The conditions of an approval are its trigger there: they become `when`. A value of a type that an operator cannot take is refused here.',
    )
  }
  if (timeout !== undefined) {
    if (!isApproval)
      translation.refuse([...path, 'approval_timeout'], '`approval_timeout` stands beside `require_approval` only.')
    translation.change([...path, 'approval_timeout'], 'It becomes `approval: {timeout}`.')
    translated.approval = { timeout }
  }
  if (spend !== undefined || spendLimit !== undefined) addBudget(translated, { spend, spendLimit }, path, translation)
  return translated
}

interface Spending {
  readonly spend: unknown
  readonly spendLimit: unknown
}

/** `spend` names the amount and `spend_limit` the bound, in one of the forms that leave no doubt; any other is refused. */
function addBudget(rule: Written, { spend, spendLimit }: Spending, path: Path, translation: Translation): void {
  const limit = readLimit(spendLimit) ?? readLimit(spend)
  const cost = readAmountPath(spend) ?? readAmountPath(spendLimit)
  const at = [...path, spendLimit === undefined ? 'spend' : 'spend_limit']
  if (!limit || cost === null) {
    translation.refuse(
      at,
      'This spending limit cannot be read without doubt: write rate_limit: {max, window, per, cost: args.<amount>}.',
    )
    return
  }
  if (rule.rate_limit !== undefined) {
    translation.refuse(at, 'The rule has a rate limit too: put the spending limit in a rule of its own.')
    return
  }
  translation.change(at, 'The spending limit becomes a budget: rate_limit with a `cost`, shared by the whole server.')
  rule.rate_limit = { ...limit, per: 'server', cost }
}

const LIMIT_KEYS = ['max', 'limit', 'window', 'from', 'path', 'field', 'amount_from', 'increment_from']

function readLimit(value: unknown): { max: number; window: string } | null {
  const short = typeof value === 'string' ? /^([0-9]+(?:\.[0-9]+)?)\/(minute|hour|day)$/.exec(value) : null
  if (short) return { max: Number(short[1]), window: short[2] ?? '' }
  const mapping = asMapping(value)
  if (!mapping || Object.keys(mapping).some(key => !LIMIT_KEYS.includes(key))) return null
  const max = mapping.max ?? mapping.limit
  const { window } = mapping
  if (mapping.max !== undefined && mapping.limit !== undefined) return null
  return typeof max === 'number' && typeof window === 'string' ? { max, window } : null
}

function readAmountPath(value: unknown): string | null {
  if (typeof value === 'string') return value.startsWith('args.') ? value : null
  const mapping = asMapping(value)
  if (!mapping || Object.keys(mapping).some(key => !LIMIT_KEYS.includes(key))) return null
  const named = ['from', 'path', 'field', 'amount_from', 'increment_from']
    .map(key => mapping[key])
    .filter(path => path !== undefined)
  const [path] = named
  return named.length === 1 && typeof path === 'string' && path.startsWith('args.') ? path : null
}
