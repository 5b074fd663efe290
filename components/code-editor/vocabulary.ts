import type { ToolDefinition } from '@/lib/policy'
import type { DocumentPlace } from './document-path'

/** A word that fits at a place. `append` is written behind it, say `: ` after a key. */
export interface Suggestion {
  readonly label: string
  readonly detail: string
  readonly append: string
}

type Words = Readonly<Record<string, string>>

const document: Words = {
  version: 'the language, "1"',
  description: 'what this policy is for',
  timezone: 'for request.*, an IANA name',
  default: 'for a tool that no entry names',
  hide: 'names or globs that are not even listed',
  redact: 'paths that no record keeps',
  tools: 'a name, a glob, or "*"',
  tests: 'run on every save',
}
const entry: Words = { rules: 'all that apply must pass', hide: 'true: not listed, and refused' }
const rule: Words = {
  name: 'how records cite it',
  action: 'allow, deny or require_approval',
  when: 'speaks only if all hold',
  conditions: 'must all hold, else deny',
  validate: 'against the pinned definition',
  rate_limit: '{ max, window, per, cost }',
  state: 'a counter of its own',
  approval: '{ timeout, valid_for, hold }',
  reason: 'what a refused caller reads',
  redact: 'paths that no record keeps',
  mode: 'enforce or shadow',
}
const condition: Words = { path: 'what is looked at', op: 'how it is compared', value: 'with what' }
const limit: Words = {
  max: 'how many',
  window: 'seconds, minute, hour, day or 15m',
  per: 'whose counter',
  cost: 'args.amount makes it a budget',
}
const validation: Words = {
  required_args: 'every required one present',
  schema: 'the whole input schema',
  unknown_args: 'deny: none that the schema does not name',
  max_bytes: 'size of the arguments as JSON',
}
const approval: Words = {
  timeout: 'until a person answers',
  valid_for: 'how long a yes holds',
  hold: 'how long the call waits',
}
const counter: Words = {
  counter: 'its name',
  window: 'minute, hour, day or 15m',
  increment: 'by how much, 1',
  increment_from: 'an argument that says how much',
}
const test: Words = {
  name: 'what it shows',
  call: 'a tool',
  args: 'its arguments',
  identity: 'who calls',
  session: 'its session',
  at: 'when, 2026-01-05T12:00:00Z',
  calls_before: 'the same call, so often before',
  expect: 'an effect, or { effect, rule, code }',
}
const below: Readonly<Record<string, Words>> = {
  rules: rule,
  when: condition,
  conditions: condition,
  rate_limit: limit,
  validate: validation,
  approval,
  state: counter,
  tests: test,
  expect: { effect: 'what is decided', rule: 'the rule that decides', code: 'the code of a refusal' },
  identity: { id: '', name: '', kind: 'agent, service or person', groups: 'a list', labels: 'a mapping' },
}

const effects: Words = { allow: 'passes', deny: 'is refused', require_approval: 'waits for a person' }
const operators: Words = {
  eq: 'equal',
  neq: 'not equal',
  in: 'one of a list',
  not_in: 'none of a list',
  lt: 'less',
  lte: 'at most',
  gt: 'more',
  gte: 'at least',
  regex: 'RE2, unanchored',
  contains: 'a part, or an element',
  exists: 'true or false',
  glob: '* stops at /, ** does not',
  starts_with: '',
  ends_with: '',
}
const values: Readonly<Record<string, Words>> = {
  action: effects,
  expect: effects,
  effect: effects,
  default: { deny: 'refuse what no entry names', allow: 'pass what no entry names' },
  mode: { enforce: 'decides', shadow: 'is recorded, not enforced' },
  per: { session: 'each session', identity: 'each identity', tool: 'each tool', server: 'in all' },
  window: { minute: '60 s', hour: '3,600 s', day: '86,400 s' },
  op: operators,
  unknown_args: { deny: 'refuse a call that brings one' },
  required_args: { true: '' },
  schema: { true: '' },
  version: { '"1"': 'the language' },
}
const paths: Words = {
  'identity.name': 'who calls',
  'identity.kind': 'agent, service or person',
  'identity.groups': 'a list',
  'session.id': '',
  'server.name': 'the slug',
  'tool.name': '',
  'tool.category': 'Read, Write, Execute, Destructive, Financial',
  'tool.risk': 'low, medium, high, critical',
  'request.hour': '0 to 23',
  'request.weekday': '1 Monday to 7',
  'request.date': 'YYYY-MM-DD',
  'request.time': 'HH:MM',
}

/** The words that fit at a place, tool names and argument paths from the server's definitions among them. */
export function suggestionsAt(place: DocumentPlace, tools: readonly ToolDefinition[]): Suggestion[] {
  const { path, key } = place
  if (key === null) return keysAt(path, tools)
  const asValues = (words: Words): Suggestion[] =>
    Object.entries(words).map(([label, detail]) => ({ label, detail, append: '' }))
  if (key === 'path' && ['when', 'conditions'].includes(path.at(-1) ?? ''))
    return [...argumentPaths(path[1], tools), ...asValues(paths)]
  if ((key === 'call' && path[0] === 'tests') || (key === 'hide' && path.length === 0))
    return tools.map(tool => ({ label: tool.name, detail: tool.category ?? '', append: '' }))
  return asValues(values[key] ?? {})
}

function keysAt(path: readonly string[], tools: readonly ToolDefinition[]): Suggestion[] {
  const asKeys = (words: Words): Suggestion[] =>
    Object.entries(words).map(([label, detail]) => ({ label, detail, append: ': ' }))
  if (path.length === 0) return asKeys(document)
  if (path.length === 1 && path[0] === 'tools') {
    const every: Suggestion = { label: '"*"', detail: 'every tool', append: ':' }
    return [...tools.map(tool => ({ label: tool.name, detail: tool.category ?? '', append: ':' })), every]
  }
  if (path.length === 2 && path[0] === 'tools') return asKeys(entry)
  return asKeys(below[path.at(-1) ?? ''] ?? {})
}

/** `args.<property>` of the tool that the entry names; of every tool, where it names none alone. */
function argumentPaths(entryName: string | undefined, tools: readonly ToolDefinition[]): Suggestion[] {
  const own = tools.filter(tool => tool.name === entryName)
  const found = new Map<string, string>()
  for (const tool of own.length > 0 ? own : tools) {
    const schema = tool.inputSchema as { properties?: Record<string, { type?: unknown }> } | null
    for (const [name, property] of Object.entries(schema?.properties ?? {})) {
      if (!name.includes('.') && !found.has(name)) found.set(name, String(property?.type ?? ''))
    }
  }
  return [...found].map(([name, detail]) => ({ label: `args.${name}`, detail, append: '' }))
}
