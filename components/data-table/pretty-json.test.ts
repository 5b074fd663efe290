import { expect, test } from 'vitest'
import { prettyJson } from './pretty-json'

test.each([
  ['{}', ['{}']],
  ['[1, 2]', ['[', '  1,', '  2', ']']],
  [
    '{"a": {"b": []}, "c": "x, {y}: \\"z\\""}',
    ['{', '  "a": {', '    "b": []', '  },', '  "c": "x, {y}: \\"z\\""', '}'],
  ],
  ['12345678901234567890.10', ['12345678901234567890.10']],
  ['"a\uE0000000b"', ['"a\\u0000b"']],
  ['["\uE000n1e999"]', ['[', '  1e999', ']']],
])('%s', (text, lines) => {
  expect(prettyJson(text)).toEqual(lines)
})

test('what was laid out is the same JSON', () => {
  const value = { list: [{ a: 1, b: [true, null, 'x:{}[],'] }, {}, []], 'k"ey': { deep: { deeper: -1.5e3 } } }
  expect(JSON.parse(prettyJson(JSON.stringify(value)).join('\n'))).toEqual(value)
})
