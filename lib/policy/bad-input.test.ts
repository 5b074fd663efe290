import { describe, expect, it } from 'vitest'
import { type Call, compile, definitionDigest, evaluate, parse, type ToolDefinition } from './index'

/** Far over what any of these takes, and far under a slow minute, on a machine that is busy. */
const MAX_MS = 30_000

function codesOf(text: string): string[] {
  const started = performance.now()
  const { diagnostics } = parse(text)
  expect(performance.now() - started).toBeLessThan(MAX_MS)
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)
}

const bomb = Array.from(
  { length: 12 },
  (_, i) => `a${i}: &a${i} [${Array.from({ length: 9 }, () => (i === 0 ? 'x' : `*a${i - 1}`)).join(', ')}]`,
)

describe('a text that means harm', () => {
  it.each([
    ['over 1 MB', `description: "${'a'.repeat(1_000_001)}"`, 'text_too_long'],
    ['over 1 MB in bytes', `description: "${'é'.repeat(600_000)}"`, 'text_too_long'],
    ['an alias bomb', bomb.join('\n'), 'too_many_values'],
    ['flow lists nested deeply', '['.repeat(100_000), 'too_deep'],
    ['block lists nested deeply', '- '.repeat(300_000), 'too_deep'],
    ['keys nested deeply', '? '.repeat(100_000), 'too_deep'],
    ['mappings nested deeply', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'too_deep'],
    ['a NUL', 'default: deny\0', 'control_character'],
    ['an escaped NUL', 'description: "\\0"', 'control_character'],
    ['half a character', 'description: "\\ud800"', 'lone_surrogate'],
    [
      'a number beyond 2^53',
      'tools: { t: { rules: [{ conditions: [{ path: args.a, op: eq, value: 9007199254740993 }] }] } }',
      'inexact_number',
    ],
    ['__proto__ as a key', 'tools: { __proto__: { rules: [{ action: allow }] } }', 'reserved_key'],
    [
      '__proto__ in a value',
      'tools: { t: { rules: [{ conditions: [{ path: args.a, op: eq, value: { __proto__: 1 } }] }] } }',
      'reserved_key',
    ],
    ['a mapping as a key', '? { a: 1 }\n: 1', 'key_not_text'],
    ['a merge key', 'base: &b { default: allow }\n<<: *b', 'unknown_key'],
    ['a tag', 'default: !!binary ZGVueQ==', 'yaml_value'],
    [
      'a pattern that grows without bound',
      `tools: { t: { rules: [{ conditions: [{ path: args.a, op: regex, value: "((a{100}){100}){100}" }] }] } }`,
      'bad_pattern',
    ],
    ['nothing', '', 'empty_document'],
    ['a scalar', 'deny', 'wrong_value'],
  ])('is refused: %s', (_name, text, code) => {
    expect(codesOf(text)).toContain(code)
  })

  it('unknown keys by the thousand are told in bounded time', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1\n`)
    expect(codesOf(keys.join(''))).toContain('unknown_key')
  })

  it('hints among thousands of names cost bounded time', () => {
    const alike = 'a'.repeat(49)
    const rule = (i: number) =>
      `      - { name: r${i}, state: { counter: ${alike}c${i}, window: day }, conditions: [{ path: state.t.${alike}c${i}, op: lte, value: 1 }, { path: state.t.${alike}b${i}x, op: lte, value: 1 }] }\n`
    const counters = Array.from({ length: 1500 }, (_, i) => rule(i)).join('')
    expect(codesOf(`default: deny\ntools:\n  t:\n    rules:\n${counters}`)).toContain('unknown_counter')
    const names = (letter: string) => Array.from({ length: 5000 }, (_, i) => `"${letter}${i}*"`)
    const entries = names('t').map(name => `  ${name}: { rules: [{ name: a, action: allow }] }\n`)
    expect(codesOf(`default: deny\nhide: [${names('h').join(', ')}]\ntools:\n${entries.join('')}`)).toEqual([])
  })

  it('ten thousand rules are read, and more in one entry are not', () => {
    const rule = '      - { action: deny, when: [{ path: args.a, op: eq, value: 1 }], reason: r }\n'
    const text = (count: number) => `default: deny\ntools:\n  t:\n    rules:\n${rule.repeat(count)}`
    expect(codesOf(text(10_000))).toEqual([])
    expect(codesOf(text(10_001))).toContain('wrong_value')
  })
})

const CALL: Call = { method: 'tools/call', tool: { name: 't' }, args: {}, identity: null, server: { name: 's' }, at: 0 }

function decide(text: string, call: Partial<Call>) {
  const { document } = parse(text)
  if (!document) throw new Error('refused')
  const started = performance.now()
  const decision = evaluate([compile(document, { name: 's' })], { ...CALL, ...call })
  expect(performance.now() - started).toBeLessThan(MAX_MS)
  return decision
}

const SCHEMA = 'default: deny\ntools: { t: { rules: [{ name: r, action: allow, validate: { schema: true } }] } }'

function definition(inputSchema: unknown): ToolDefinition {
  return { name: 't', inputSchema }
}

describe('a definition that means harm', () => {
  it.each([
    ['a remote reference', { $ref: 'https://example.com/x' }],
    ['a reference to a meta schema', { $ref: 'http://json-schema.org/draft-07/schema#' }],
    [
      'an id that is taken',
      { $id: 'https://json-schema.org/draft/2020-12/schema', $ref: 'https://json-schema.org/draft/2020-12/schema' },
    ],
    ['a schema that is no object', 'x'],
    ['a list', []],
    ['an unknown type', { type: 'strng' }],
    ['an unknown dialect', { $schema: 'https://example.com/dialect' }],
    ['a pattern that RE2 does not know', { properties: { a: { pattern: '(?<!x)y' } } }],
    ['nesting', JSON.parse(`${'{"not":'.repeat(200)}{}${'}'.repeat(200)}`)],
    ['size', { enum: Array.from({ length: 100_000 }, (_, i) => `value ${i}`) }],
    ['a schema that is itself', { $ref: '#', pattern: 'a+' }],
    ['a loop through an anchor', { $anchor: 'top', anyOf: [{ $ref: '#top' }] }],
    ['a dynamic loop', { $dynamicAnchor: 'top', allOf: [{ $dynamicRef: '#top' }] }],
    [
      'a chain of thousands',
      Object.fromEntries([
        ['$ref', '#/a0'],
        ...Array.from({ length: 5000 }, (_, i) => [`a${i}`, { $ref: `#/a${i + 1}` }]),
      ]),
    ],
    ['a schema within with an id of its own', { properties: { a: { $id: 'x', $ref: '#' } } }],
    ['a loop of references', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }],
  ])('never allows: %s', (_name, inputSchema) => {
    const decision = decide(SCHEMA, { definition: definition(inputSchema) })
    expect(decision.effect).toBe('deny')
  })

  it.each([
    ['$async', { $async: true, type: 'object', required: ['a'] }],
    ['$async within', { type: 'object', required: ['a'], allOf: [{ $async: true }] }],
    ['nullable', { properties: { b: { type: 'string', nullable: true } } }],
    ['defaults', { properties: { a: { default: 1 } }, required: ['a'] }],
  ])('is not let off by a keyword that is none of JSON Schema: %s', (_name, inputSchema) => {
    expect(decide(SCHEMA, { args: { b: null }, definition: definition(inputSchema) })).toMatchObject({
      effect: 'deny',
      code: 'invalid_arguments',
    })
  })

  it('may refer to itself where each step goes deeper into the data', () => {
    const schema = {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { next: { $ref: '#/$defs/node' }, n: { type: 'integer' } },
          additionalProperties: false,
        },
      },
    }
    expect(decide(SCHEMA, { args: { next: { next: { n: 1 } } }, definition: definition(schema) }).effect).toBe('allow')
    expect(decide(SCHEMA, { args: { next: { next: { n: 'x' } } }, definition: definition(schema) }).effect).toBe('deny')
  })

  it('may name a property as a keyword is named, and keep data that looks like a schema', () => {
    const schema = {
      properties: { nullable: { type: 'boolean' }, $async: { const: { nullable: true } } },
      required: ['nullable'],
    }
    expect(
      decide(SCHEMA, { args: { nullable: true, $async: { nullable: true } }, definition: definition(schema) }).effect,
    ).toBe('allow')
    expect(decide(SCHEMA, { args: { nullable: true, $async: {} }, definition: definition(schema) }).effect).toBe('deny')
    expect(decide(SCHEMA, { args: {}, definition: definition(schema) }).effect).toBe('deny')
  })

  it('with a pattern on which backtracking would hang is answered in linear time', () => {
    const call = {
      args: { a: `${'a'.repeat(50_000)}!` },
      definition: definition({ properties: { a: { type: 'string', pattern: '^(a+)+$' } } }),
    }
    expect(decide(SCHEMA, call).code).toBe('invalid_arguments')
  })

  it('with unique items is answered in linear time', () => {
    const items = Array.from({ length: 20_000 }, (_, i) => ({ a: i, b: { c: i } }))
    const call = {
      args: { a: items },
      definition: definition({ properties: { a: { type: 'array', uniqueItems: true } } }),
    }
    expect(decide(SCHEMA, call).effect).toBe('allow')
  })

  it('has a digest that every member of it changes, and the order of its keys does not', () => {
    const one = { name: 't', description: 'Reads', inputSchema: { type: 'object', required: ['a'] } }
    expect(definitionDigest(one)).toBe(
      definitionDigest({ inputSchema: { required: ['a'], type: 'object' }, description: 'Reads', name: 't' }),
    )
    expect(definitionDigest({ ...one, description: 'Reads ' })).not.toBe(definitionDigest(one))
    expect(definitionDigest({ ...one, category: 'Read' })).not.toBe(definitionDigest(one))
  })
})

describe('arguments that mean harm', () => {
  const text =
    'default: allow\ntools: { t: { rules: [{ name: r, action: deny, when: [{ path: args.a, op: regex, value: "(x+x+)+y|[ab]*b[ab]{80}c" }] }] } }'

  it('cost a pattern linear time, and are refused where they are too long for one', () => {
    expect(decide(text, { args: { a: 'x'.repeat(100_000) } }).effect).toBe('allow')
    const noise = Array.from({ length: 100_000 }, (_, i) => ((i * 7919) % 13 < 6 ? 'a' : 'b')).join('')
    expect(decide(text, { args: { a: noise } }).effect).toBe('allow')
    expect(decide(text, { args: { a: 'x'.repeat(300_000) } }).code).toBe('policy_error')
  })

  it('cost a glob bounded time, and are refused where they are too long for one', () => {
    const glob = `default: allow\ntools: { t: { rules: [{ name: r, action: deny, when: [{ path: args.a, op: glob, value: "${'*a?'.repeat(50)}**b" }] }] } }`
    expect(decide(glob, { args: { a: 'a'.repeat(100_000) } }).effect).toBe('allow')
    expect(decide(glob, { args: { a: 'a'.repeat(1_000_000) } }).code).toBe('policy_error')
  })

  it('with a name of megabytes are refused unread', () => {
    const globs = Array.from({ length: 1000 }, (_, i) => `  "${'a*'.repeat(20)}${i}": null`).join('\n')
    expect(decide(`default: allow\ntools:\n${globs}`, { tool: { name: 'a'.repeat(1_000_000) } }).code).toBe(
      'policy_error',
    )
    expect(decide(`default: allow\ntools:\n${globs}`, { tool: { name: 'a'.repeat(8000) } }).effect).toBe('allow')
  })

  it('that are no object are an error, and an error denies', () => {
    for (const args of [null, undefined, 5, 'x', []]) {
      const decision = decide(
        'default: allow\ntools: { t: { rules: [{ conditions: [{ path: args.a, op: eq, value: 1 }] }] } }',
        { args: args as never },
      )
      expect(decision.effect).toBe('deny')
    }
  })

  it('without a policy are refused', () => {
    expect(evaluate([], CALL)).toMatchObject({ effect: 'deny', code: 'no_policy' })
    const { document } = parse('default: allow')
    if (!document) throw new Error('refused')
    expect(evaluate([compile(document, { name: 'grant', isConstraint: true })], CALL)).toMatchObject({
      code: 'no_policy',
    })
    expect(evaluate([compile({} as never, { name: 's' })], CALL)).toMatchObject({
      effect: 'deny',
      code: 'policy_error',
    })
  })
})
