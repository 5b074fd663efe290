import { describe, expect, it } from 'vitest'
import { analyse } from '@/components/code-editor/analysis'
import type { Category, ToolDefinition } from '@/lib/policy'
import { startingText } from './starting-text'

const tool = (name: string, category: Category): ToolDefinition => ({ name, category, inputSchema: { type: 'object' } })
const tools = [
  tool('mistral_chat', 'Read'),
  tool('files.write', 'Write'),
  tool('workflow_execute', 'Execute'),
  tool('on', 'Destructive'),
  tool('pay: now # today', 'Financial'),
  tool('1', 'Read'),
]

describe('the text a policy starts from', () => {
  const analysis = analyse(startingText('It\'s "ours": a title', tools), { server: 'x', tools })

  it('is a document without a finding', () => {
    expect(analysis.diagnostics).toEqual([])
  })

  it('opens what only reads, within a limit, and refuses all else', () => {
    const kinds = Object.fromEntries(Object.entries(analysis.treatments ?? {}).map(([name, { kind }]) => [name, kind]))
    expect(kinds).toEqual({
      mistral_chat: 'limited',
      '1': 'limited',
      'files.write': 'deny',
      workflow_execute: 'deny',
      on: 'deny',
      'pay: now # today': 'deny',
    })
  })

  it('names every tool', () => {
    const words = Object.values(analysis.treatments ?? {}).flatMap(treatment => treatment.rules.map(rule => rule.rule))
    expect(words.filter(rule => rule.startsWith('(default'))).toEqual([])
  })

  it('is a document for a server without tools', () => {
    const errors = analyse(startingText('x', []), { server: 'x', tools: [] }).diagnostics
    expect(errors.filter(one => one.severity === 'error')).toEqual([])
  })
})
