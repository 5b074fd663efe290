import type { Call, Decision, LimitObligation } from '../decision'
import type { ToolDefinition } from '../definition'
import type { Document, DocumentTest } from '../document'
import { compile } from './compile'
import type { CompiledPolicy } from './compiled-policy'
import { evaluate, requirements } from './evaluate'
import { rateLimited, refuse, refuseInShadow, reservationOf } from './limits'

export interface TestOutcome {
  readonly test: DocumentTest
  readonly passed: boolean
  readonly decision: Decision
  /** What differs, in one sentence; null when passed. */
  readonly failure: string | null
}

/** Runs the document's `tests` against it alone, counters included. A failing one blocks publishing. */
export function testDocument(document: Document, definitions: readonly ToolDefinition[]): readonly TestOutcome[] {
  const policy = compile(document, { name: 'test', definitions })
  const byName = new Map(definitions.map(definition => [definition.name, definition]))
  return document.tests.map(test => {
    const decision = runTest(policy, test, byName.get(test.call))
    const failure = failureOf(test, decision)
    return { test, passed: failure === null, decision, failure }
  })
}

function runTest(policy: CompiledPolicy, test: DocumentTest, definition: ToolDefinition | undefined): Decision {
  const call: Call = {
    method: 'tools/call',
    tool: {
      name: test.call,
      ...(definition?.category ? { category: definition.category } : {}),
      ...(definition?.risk ? { risk: definition.risk } : {}),
      ...(definition?.annotations ? { annotations: definition.annotations } : {}),
    },
    args: test.args,
    identity: test.identity,
    session: test.session === null ? null : { id: test.session },
    server: { name: 'test' },
    at: test.at,
    definition: definition ?? null,
  }
  const counters = new Map<string, number>()
  for (let before = 0; before < test.callsBefore; before++) decideAndCount(policy, call, counters)
  return decideAndCount(policy, call, counters)
}

/** Decides as a proxy does, with a store of one window: all calls of a test happen at one time. */
function decideAndCount(policy: CompiledPolicy, call: Call, counters: Map<string, number>): Decision {
  const policies = [policy]
  for (const { key } of requirements(policies, call).counters) if (!counters.has(key)) counters.set(key, 0)
  const decision = evaluate(policies, call, counters)
  if (decision.effect === 'deny') return decision
  const limits = decision.obligations.filter(obligation => obligation.kind === 'limit')
  const enforced = limits.filter(({ isShadow }) => !isShadow)
  const refused = enforced.find(limit => isSpent(limit, call.at, counters))
  if (refused) return refuse(decision, rateLimited(refused))
  if (decision.effect === 'require_approval') return decision
  for (const limit of enforced) take(limit, call.at, counters)
  return countInShadow(
    decision,
    limits.filter(({ isShadow }) => isShadow),
    call.at,
    counters,
  )
}

function countInShadow(
  decision: Decision,
  limits: readonly LimitObligation[],
  at: number,
  counters: Map<string, number>,
): Decision {
  const refused = limits.find(limit => isSpent(limit, at, counters))
  if (refused) return refuseInShadow(decision, rateLimited(refused))
  for (const limit of limits) take(limit, at, counters)
  return decision
}

function isSpent(limit: LimitObligation, at: number, counters: ReadonlyMap<string, number>): boolean {
  const { key, max, cost } = reservationOf(limit, at)
  return cost > 0 && (counters.get(key) ?? 0) + cost > max
}

function take(limit: LimitObligation, at: number, counters: Map<string, number>): void {
  const { key, cost } = reservationOf(limit, at)
  counters.set(key, (counters.get(key) ?? 0) + cost)
}

function failureOf({ expect }: DocumentTest, { effect, rule, code, message }: Decision): string | null {
  const because = message === '' ? '' : `: ${message}`
  if (effect !== expect.effect) return `Expected ${expect.effect}, and it is ${effect} by rule "${rule}"${because}`
  if (expect.rule !== null && rule !== expect.rule)
    return `Expected rule "${expect.rule}", and it is "${rule}"${because}`
  if (expect.code !== null && code !== expect.code)
    return `Expected code ${expect.code}, and it is ${code ?? 'none'}${because}`
  return null
}
