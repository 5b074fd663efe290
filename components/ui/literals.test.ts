import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

const roots = ['app', 'components']
/** The values themselves, and what computes with colours to test them. */
const exempt = new Set(['components/ui/tokens.css', 'components/ui/testing/colour.ts'])

/** What only tokens.css may hold, as it would be written elsewhere. */
const literals = {
  colour:
    /#[0-9a-f]{3,4}\b(?![\w-])|#[0-9a-f]{6}(?:[0-9a-f]{2})?\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(|(?:^|[\s;{])(?:color|background|fill|stroke|border-color)\s*:\s*(?:black|white|red|green|blue|gr[ae]y)\b/i,
  'colour class':
    /\b(?:bg|text|border|fill|stroke|shadow|outline)-(?:black|white|(?:red|green|blue|gray|slate|zinc|amber)-\d+|\[(?:#|rgb|hsl|oklch|[a-z]+\]))/,
  radius: /border-radius\s*:\s*\d*\.?\d+(?:px|rem|em)|\brounded(?:-[a-z]+)?-\[\d/,
  shadow: /box-shadow\s*:[^;]*(?:#|rgb|oklch)|\bshadow-(?:2?xs|sm|md|lg|x+l|2xl)\b/,
  duration:
    /(?:transition|animation)(?:-[a-z]+)?\s*:[^;]*\b\d*\.?\d+m?s\b|\bduration-(?:\[|\d{2,})|\banimate-(?:spin|ping|pulse|bounce)\b/,
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && /\.(tsx?|css)$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map(entry => path.join(entry.parentPath, entry.name))
    .filter(file => !exempt.has(file))
}

/** `file:line` of each place where a file holds a literal of the kind. */
function find(text: string, pattern: RegExp): number[] {
  return text.split('\n').flatMap((line, index) => (pattern.test(line) ? [index + 1] : []))
}

const files = roots.flatMap(filesIn)

describe.each(Object.entries(literals))('a %s is written in tokens.css alone', (_, pattern) => {
  test('all files keep to it', () => {
    expect(files.length).toBeGreaterThan(40)
    const found = files.flatMap(file => find(readFileSync(file, 'utf8'), pattern).map(line => `${file}:${line}`))
    expect(found).toEqual([])
  })
})

test.each([
  ['colour', 'color: #fff;'],
  ['colour', 'const tone = "#1452cb"'],
  ['colour', 'background: rgb(0 0 0 / 50%);'],
  ['colour', 'fill: oklch(0.5 0.2 29);'],
  ['colour', '  color: white;'],
  ['colour class', 'className="bg-white"'],
  ['colour class', 'className="text-red-500"'],
  ['colour class', 'className="bg-[crimson]"'],
  ['radius', 'border-radius: 4px;'],
  ['radius', 'className="rounded-[4px]"'],
  ['shadow', 'className="shadow-lg"'],
  ['shadow', 'box-shadow: 0 1px 2px #0003;'],
  ['duration', 'transition: opacity 200ms;'],
  ['duration', 'className="duration-150"'],
  ['duration', 'className="animate-spin"'],
] as const)('a planted %s is found: %s', (kind, line) => {
  expect(find(line, literals[kind])).toEqual([1])
})

test.each([
  ['colour', 'href="#early"'],
  ['colour', "const id = '#face-of-it'"],
  ['colour class', 'className="bg-sheet text-[0.875rem] text-ink"'],
  ['duration', 'animation: rise var(--t-3) var(--ease);'],
] as const)('what is no %s is left alone: %s', (kind, line) => {
  expect(find(line, literals[kind])).toEqual([])
})
