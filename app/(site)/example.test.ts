import { expect, test } from 'vitest'
import { type Call, check, compile, evaluate, hasErrors, parse } from '@/lib/policy'
import { denialAsToolResult, denialOf } from '@/proxy/denial'
import {
  callArguments,
  calledAt,
  policyText,
  reasonText,
  refusal,
  ruleLine,
  ruleName,
  ruleText,
  server,
  tool,
} from './example'

function decide(changes: Partial<Call> = {}) {
  const parsed = parse(policyText)
  if (!parsed.document) throw new Error(JSON.stringify(parsed.diagnostics))
  expect(hasErrors([...parsed.diagnostics, ...check(parsed.document, { definitions: [] })])).toBe(false)
  const policy = compile(parsed.document, { name: server })
  const call: Call = {
    method: 'tools/call',
    tool: { name: tool },
    args: callArguments,
    identity: { name: 'ops-agent' },
    server: { name: server },
    at: Date.parse(calledAt),
    definition: {
      name: tool,
      inputSchema: { type: 'object', properties: {}, required: ['executionId', 'action'] },
    },
    ...changes,
  }
  return evaluate([policy], call, new Map())
}

test('the landing page shows what the kernel decides about its example', () => {
  const { effect, reasons } = decide()
  expect(effect).toBe('deny')
  expect(reasons[0]).toMatchObject({ rule: ruleName, line: ruleLine, code: 'policy_denied', message: reasonText })
  expect(ruleText[0]).toContain(ruleName)
})

test('the agent reads what the proxy would answer, to the letter', () => {
  const { effect, reasons } = decide()
  const verdict = { effect, code: reasons[0]?.code ?? null, message: reasons[0]?.message ?? '', reasons }
  const { id } = refusal._meta['intercept/decision']
  const denial = denialOf(verdict as Parameters<typeof denialOf>[0], id, { method: 'tools/call', name: tool }, 184)
  expect(denialAsToolResult(denial)).toEqual(refusal)
})

test('the same call passes in office hours, and a query at any hour', () => {
  expect(decide({ at: Date.parse('2026-11-20T09:00:00Z') }).effect).toBe('allow')
  expect(decide({ args: { ...callArguments, action: 'query' } }).effect).toBe('allow')
})
