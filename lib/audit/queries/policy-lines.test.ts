import { expect, test } from 'vitest'
import { linesOfRule } from './policy-lines'

const text = `version: "1"
default: deny
tools:
  workflow_interact:
    rules:
      - action: allow
        rate_limit: { max: 10, window: 60 }
        validate: { required_args: true }

      - name: queries only outside office hours
        action: deny
        when:
          - { path: args.action, op: neq, value: query }

          - { path: request.hour, op: not_in, value: [9, 10] }
        reason: Signals from 09:00 to 11:00 only.

  "*":
    rules: []
`

test.each([
  ['a rule, without the blank line after it', 6, 8],
  ['a rule with a blank line inside', 10, 16],
  ['the default', 2, 2],
])('%s', (_, from, to) => {
  expect(linesOfRule(text, from)).toEqual({ from, lines: text.split('\n').slice(from - 1, to), isCut: false })
})

test('a line past the end has none', () => {
  expect(linesOfRule(text, 99)).toBeNull()
})

test('a long rule is cut, and says so', () => {
  const long = `- name: long\n${'  a: b\n'.repeat(100)}`
  const shown = linesOfRule(long, 1)
  expect(shown?.lines).toHaveLength(24)
  expect(shown?.isCut).toBe(true)
})
