import { describe, expect, it } from 'vitest'
import { analyse } from './analysis'
import { countOf } from './analysis-count'

const tools = [
  { name: 'workflow_interact', inputSchema: { type: 'object', properties: { action: { type: 'string' } } } },
]
const surroundings = { server: 'mistral', tools }
const entry = 'version: "1"\ndefault: deny\ntools:\n  workflow_interact:\n    rules:\n'
const test = (expected: string) =>
  `tests:\n  - name: a call\n    call: workflow_interact\n    args: {}\n    expect: ${expected}\n`

describe('what the bench shows of a text', () => {
  it('says what each tool gets, by name', () => {
    const { treatments } = analyse(`${entry}      - action: deny\n`, surroundings)
    expect(treatments).toMatchObject({ workflow_interact: { kind: 'deny', rules: [{ policy: 'mistral', line: 6 }] } })
  })

  it('says nothing of the tools while the text has errors, and refuses it', () => {
    const analysis = analyse(`${entry}      - actoin: deny\n`, surroundings)
    expect(analysis.treatments).toBeNull()
    expect(analysis.diagnostics[0]).toMatchObject({ severity: 'error', range: { start: { line: 6 } } })
    expect(countOf(analysis)).toMatchObject({ errors: 1, isRefused: true })
  })

  it('counts warnings, and does not refuse for them', () => {
    const analysis = analyse('tools:\n  workflow_interact: null\n', surroundings)
    expect(countOf(analysis)).toMatchObject({ errors: 0, isRefused: false })
    expect(countOf(analysis).warnings).toBeGreaterThan(0)
  })

  it('finds beside the definitions what the text alone does not show', () => {
    const text = `${entry}      - action: deny\n  workflow_intreact: null\n`
    expect(countOf(analyse(text, surroundings)).warnings).toBe(1)
    expect(countOf(analyse(text, { ...surroundings, server: null })).warnings).toBe(0)
  })

  it.each([
    ['deny', true, false],
    ['allow', false, true],
  ])('runs the text’s own test that expects %s', (expected, hasPassed, isRefused) => {
    const analysis = analyse(`${entry}      - action: deny\n${test(expected)}`, surroundings)
    expect(analysis.tests).toMatchObject([{ name: 'a call', line: 8, expected, hasPassed }])
    expect(countOf(analysis).isRefused).toBe(isRefused)
  })
})
