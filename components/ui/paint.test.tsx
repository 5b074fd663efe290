import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import { CodeBlock } from './code-block'
import { paintJson, paintYaml } from './paint'

const markup = (line: string, paint: typeof paintYaml) => renderToStaticMarkup(paint(line))
const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

describe('painting changes no character', () => {
  test.each([
    '  workflow_interact:',
    '      - action: allow # as long as it is read',
    '        rate_limit: { max: 10, window: 60 }',
    `        reason: "it's <b>not</b> \\"sent\\" & kept"`,
    "  'quoted key': 'it''s'",
    '- { path: args.a.*, op: not_in, value: [9, -1.5, "x", null] }',
    'unclosed: "string',
    "unclosed: 'string",
    '\tä😀 — :: ,,',
    '',
  ])('%s', line => {
    expect(textOf(markup(line, paintYaml))).toBe(line)
    expect(textOf(markup(line, paintJson))).toBe(line)
  })
})

test.each([
  ['action: deny', 'deny', 'text-code-word'],
  ['max: 10', '10', 'text-code-number'],
  ['max: 10', 'max', 'text-code-key'],
  ['reason: "no"', '&quot;no&quot;', 'text-code-string'],
  ['a: b # c', '# c', 'text-code-comment'],
])('in %s, %s is painted %s', (line, part, tone) => {
  expect(markup(line, paintYaml)).toMatch(new RegExp(`<span class="${tone}[^"]*">${part}</span>`))
})

test('a cited line carries its own number, and text is never markup', () => {
  const html = renderToStaticMarkup(
    <CodeBlock text={'one\n<img src=x>\nthree'} from={31} hits={[32]} language="plain" />,
  )
  expect(html).toContain('>32</span>')
  expect(html).not.toContain('<img')
})
