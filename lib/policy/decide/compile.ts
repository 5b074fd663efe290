import { digestOf, ruleContent } from '../content'
import type { ApproveObligation } from '../decision'
import { sha256Hex, type ToolDefinition } from '../definition'
import type { Document, Entry, Limit, Rule } from '../document'
import { canonicalJson } from '../json/write'
import { globMatches } from '../names'
import { scopeOf } from '../paths'
import { boundedCounters } from './bounded-counters'
import { allOf, compileCondition, type ReadCounter } from './compile-condition'
import { compileLimit, sharedCounterKey } from './compile-limit'
import {
  type CompiledPolicy,
  type CompiledRule,
  openingOf,
  type PolicyInternals,
  type RuleReference,
} from './compiled-policy'
import type { Context } from './context'
import { prepareDefinition } from './prepared-definition'

export interface CompileOptions {
  /** The server's slug, `*` for every server, or a grant's name (unique: counters are named by it). */
  readonly name: string
  /** True for a grant's constraint. */
  readonly isConstraint?: boolean
  /** Pinned definitions by which `validate` is compiled ahead; a call may bring its own. */
  readonly definitions?: readonly ToolDefinition[]
}

/** Makes closures of conditions, RE2 of patterns, validators of schemas. Never throws: what cannot be compiled denies. */
export function compile(document: Document, options: CompileOptions): CompiledPolicy {
  const { name, isConstraint = false } = options
  try {
    return { name, isConstraint, digest: digestOf(document), document, internals: compileDocument(document, options) }
  } catch (error) {
    const fault = `The policy "${name}" cannot be used: ${error instanceof Error ? error.message : String(error)}`
    const internals = {
      plans: new Map(),
      entries: [],
      definitions: new Map(),
      default: atTop(name),
      opening: openingOf(atTop(name)),
      fault,
    }
    return { name, isConstraint, digest: sha256Hex(fault), document, internals }
  }
}

function atTop(policy: string): RuleReference {
  return { policy, rule: '(policy)', pointer: '', line: 1 }
}

function compileDocument(document: Document, { name, definitions = [] }: CompileOptions): PolicyInternals {
  const readCounter = counterReader(document, name)
  const compileIn = (entry: Entry, rule: Rule) => compileRule(rule, entry, document, name, readCounter)
  const entries = document.entries.map(entry => ({ entry, rules: entry.rules.map(rule => compileIn(entry, rule)) }))
  const byDefault = {
    policy: name,
    rule: document.default.effect === 'deny' ? '(default deny)' : '(default allow)',
    pointer: document.default.pointer,
    line: document.default.line,
  }
  const internals: PolicyInternals = {
    plans: new Map(),
    entries,
    definitions: new Map(definitions.map(definition => [definition.name, definition])),
    default: byDefault,
    opening: openingOf(byDefault),
    fault: null,
  }
  prepareSchemas(internals, definitions)
  return internals
}

/** Compiling a schema takes milliseconds, so it is done before the first call that needs it. */
function prepareSchemas({ entries }: PolicyInternals, definitions: readonly ToolDefinition[]): void {
  const validating = entries.filter(({ rules }) => rules.some(({ validate }) => validate?.schema))
  for (const definition of definitions) {
    if (validating.some(({ entry }) => globMatches(entry.name, definition.name)))
      prepareDefinition(definition).compileAhead()
  }
}

function compileRule(
  rule: Rule,
  entry: Entry,
  document: Document,
  policy: string,
  readCounter: ReadCounter,
): CompiledRule {
  const reference = { policy, rule: rule.name, pointer: rule.pointer, line: rule.line }
  const zone = document.timezone ?? 'UTC'
  const bounded = boundedCounters(rule, entry)
  const when = (rule.when ?? []).map(condition => compileCondition(condition, 'when', zone, readCounter))
  const conditions = rule.conditions
    .filter(condition => !bounded.has(condition))
    .map(condition => compileCondition(condition, 'conditions', zone, readCounter))
  return {
    rule,
    entry,
    reference,
    when: when.length > 0 ? allOf(when) : null,
    conditions: conditions.length > 0 ? allOf(conditions) : null,
    parts: [...when, ...conditions],
    limits: rule.limits.map(limit => compileLimit(limit, rule, entry, reference)),
    approve: approveObligation(rule, reference),
    validate: rule.validate ? { kind: 'validate', ...reference, ...rule.validate } : null,
    isShadow: rule.mode === 'shadow',
    opening: rule.action === 'allow' && entry.name !== '*' ? openingOf(reference) : null,
  }
}

function approveObligation(rule: Rule, reference: RuleReference): ApproveObligation | null {
  if (rule.action !== 'require_approval') return null
  const { timeoutSeconds, validForSeconds, holdSeconds } = rule.approval ?? {
    timeoutSeconds: 1800,
    validForSeconds: 600,
    holdSeconds: 0,
  }
  const ruleDigest = sha256Hex(canonicalJson(ruleContent(rule)))
  return { kind: 'approve', ...reference, timeoutSeconds, validForSeconds, holdSeconds, ruleDigest }
}

/** Finds what a `state.` path counts; an unknown one reads as not given, and breaks its condition. */
function counterReader(document: Document, policy: string): ReadCounter {
  const keys = new Map<string, string>()
  for (const { entry, rule, limit } of sharedLimits(document)) {
    keys.set(`state.${scopeOf(entry.name)}.${limit.counter}`, sharedCounterKey(policy, entry, rule, limit))
  }
  return path => {
    const key = keys.get(path)
    if (key === undefined) return () => undefined
    return ({ counters }: Context) => {
      const used = counters?.get(key)
      return used === undefined ? undefined : used / 1_000_000
    }
  }
}

interface SharedLimit {
  readonly entry: Entry
  readonly rule: Rule
  readonly limit: Limit
}

/** The limits that conditions can read by name. */
export function sharedLimits(document: Document): readonly SharedLimit[] {
  return document.entries.flatMap(entry =>
    entry.rules.flatMap(rule =>
      rule.limits.filter(({ counter }) => counter !== null).map(limit => ({ entry, rule, limit })),
    ),
  )
}
