import type { ToolDefinition } from '../definition'
import type { Diagnostic } from '../diagnostic'
import type { Condition, Document, Entry, Located, Rule } from '../document'
import { globMatches, isPattern, kindOfName } from '../names'
import { checkArgument, checkBudget } from './argument-check'
import { didYouMean, nearest } from './nearest'
import type { Finding, Report } from './report'
import { type Path, pointerOf } from './source'

export interface CheckContext {
  /** The server's tools; without them nothing that needs a definition is checked. */
  readonly definitions?: readonly ToolDefinition[]
}

/** A policy with more findings than this is told of the first ones only. */
const MAX_FINDINGS = 500

/** Takes findings of the check; each is a warning, since a server's tools change without the policy. */
export type Warn = (finding: Finding & { readonly near: Located; readonly instead?: string }) => void

/** What can be said only beside the tools' definitions: names, argument paths and budgets that do not fit them. */
export function check(document: Document, context: CheckContext): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = []
  walk(document, context.definitions ?? [], ({ code, message, path, fix, near }) => {
    diagnostics.push({
      severity: 'warning',
      code,
      message,
      range: near.range,
      pointer: pointerOf(path),
      ...(fix ? { fix } : {}),
    })
  })
  return diagnostics
}

/** The same beside the text, where each finding has its exact place. */
export function checkDefinitions(document: Document, { definitions }: CheckContext, report: Report): void {
  if (!definitions) return
  walk(document, definitions, ({ instead, ...finding }) => {
    const fix = instead === undefined ? {} : { fix: report.replacement(`Write ${instead}`, finding.path, instead) }
    report.warn({ ...finding, ...fix })
  })
}

function walk(document: Document, definitions: readonly ToolDefinition[], tell: Warn): void {
  if (definitions.length === 0) return
  let found = 0
  const warn: Warn = finding => {
    if (found++ < MAX_FINDINGS) tell(finding)
  }
  const named = [
    ...document.hide.map((hidden, index) => ({ name: hidden.name, near: hidden, path: ['hide', index] })),
    ...document.tests.map((test, index) => ({ name: test.call, near: test, path: ['tests', index, 'call'] })),
  ]
  for (const { name, near, path } of named) if (found < MAX_FINDINGS) checkToolName(name, near, path, definitions, warn)
  for (const entry of document.entries) {
    if (found >= MAX_FINDINGS) return
    const path: Path = ['tools', entry.name]
    const tools = definitions.filter(({ name }) => globMatches(entry.name, name))
    checkToolName(entry.name, entry, path, definitions, warn)
    for (const [index, rule] of entry.rules.entries()) checkRule(rule, entry, [...path, 'rules', index], tools, warn)
  }
}

function checkToolName(
  name: string,
  near: Located,
  path: Path,
  definitions: readonly ToolDefinition[],
  warn: Warn,
): void {
  if (kindOfName(name) !== 'tool' || definitions.some(definition => globMatches(name, definition.name))) return
  const atKey = path[0] === 'tools'
  if (isPattern(name)) {
    warn({ code: 'unmatched_pattern', message: `"${name}" matches no tool of this server.`, path, atKey, near })
    return
  }
  const suggestion = nearest(
    name,
    definitions.map(definition => definition.name),
  )
  const { start, end } = near.range
  const isExact = path[0] !== 'tests'
  const fix =
    suggestion !== null && isExact
      ? { fix: { title: `Write ${suggestion}`, edits: [{ from: start.offset, to: end.offset, insert: suggestion }] } }
      : {}
  warn({
    code: 'unknown_tool',
    message: `This server has no tool "${name}".${didYouMean(suggestion)}`,
    path,
    atKey,
    near,
    ...fix,
  })
}

function checkRule(rule: Rule, entry: Entry, path: Path, tools: readonly ToolDefinition[], warn: Warn): void {
  if (tools.length === 0 || entry.name === '*') return
  const check = (conditions: readonly Condition[], clause: string) => {
    for (const [index, condition] of conditions.entries()) {
      checkArgument(condition, tools, finding =>
        warn({ ...finding, path: [...path, clause, index, ...finding.path], near: rule }),
      )
    }
  }
  check(rule.when ?? [], 'when')
  check(rule.conditions, 'conditions')
  for (const limit of rule.limits) {
    const at = limit.form === 'state' ? ['state', 'increment_from'] : ['rate_limit', 'cost']
    if ('path' in limit.cost)
      checkBudget(limit.cost.path, tools, finding => warn({ ...finding, path: [...path, ...at], near: rule }))
  }
}
