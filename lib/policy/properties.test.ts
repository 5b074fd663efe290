import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CompiledPolicy,
  compile,
  contentOf,
  type Document,
  evaluate,
  format,
  jsonSchema,
  parse,
  print,
  visibility,
} from './index'
import { arbitraryCall, arbitraryPolicy, type WrittenPolicy } from './testing/arbitrary-policy'

const RUNS = { numRuns: 400 }

function read(written: unknown): Document {
  const { document, diagnostics } = parse(JSON.stringify(written))
  if (!document) throw new Error(JSON.stringify(diagnostics.filter(({ severity }) => severity === 'error')))
  return document
}

function compiled(written: unknown): CompiledPolicy[] {
  return [compile(read(written), { name: 'server' })]
}

describe('a policy', () => {
  it('that gets a denial more never allows what it denied', () => {
    const added = fc.record({ tool: fc.constantFrom('read', 'read*', '*', 'new'), when: fc.boolean() })
    fc.assert(
      fc.property(arbitraryPolicy, arbitraryCall, added, (policy, call, { tool, when }) => {
        const rule = {
          name: 'added',
          action: 'deny',
          ...(when ? { when: [{ path: 'args.a', op: 'eq', value: 'x' }] } : {}),
        }
        const before = evaluate(compiled(policy), call)
        fc.pre(before.effect === 'deny' && isNamed(policy, tool))
        const rules = [...(policy.tools[tool]?.rules ?? []), rule]
        const after = evaluate(compiled({ ...policy, tools: { ...policy.tools, [tool]: { rules } } }), call)
        expect(after.effect).toBe('deny')
      }),
      { ...RUNS, maxSkipsPerRun: 1000 },
    )
  })

  it('with shadow rules enforces what it enforces without them', () => {
    fc.assert(
      fc.property(arbitraryPolicy, arbitraryCall, (policy, call) => {
        const { shadow: _shadow, obligations, revision: _revision, ...decision } = evaluate(compiled(policy), call)
        const bare = evaluate(compiled(withoutShadow(policy)), call)
        const places = (text: unknown) =>
          JSON.parse(JSON.stringify(text, (key, value) => (['pointer', 'line'].includes(key) ? undefined : value)))
        const { shadow: _none, obligations: expected, revision: _other, ...enforced } = bare
        expect(places(decision)).toEqual(places(enforced))
        const counted = obligations.filter(obligation => obligation.kind !== 'limit' || !obligation.isShadow)
        expect(places(counted)).toEqual(places(expected))
      }),
      RUNS,
    )
  })

  it('survives printing and formatting', () => {
    fc.assert(
      fc.property(arbitraryPolicy, policy => {
        const document = read(policy)
        const printed = print(document)
        const again = parse(printed).document
        expect(again && contentOf(again)).toEqual(contentOf(document))
        expect(again && print(again)).toBe(printed)
        const formatted = format(printed)
        expect(format(formatted)).toBe(formatted)
        const names = { name: 'server' }
        expect(again && compile(again, names).digest).toBe(compile(document, names).digest)
      }),
      RUNS,
    )
  })

  it('decides as a function of what it is given, after storage as JSON too', () => {
    fc.assert(
      fc.property(arbitraryPolicy, arbitraryCall, (policy, call) => {
        const document = read(policy)
        const stored = JSON.parse(JSON.stringify(document)) as Document
        const frozen = JSON.stringify(call)
        const first = evaluate([compile(document, { name: 's' })], call)
        const second = evaluate([compile(stored, { name: 's' })], JSON.parse(frozen))
        expect(second).toEqual(first)
        expect(JSON.stringify(call)).toBe(frozen)
      }),
      RUNS,
    )
  })

  it('denies each call that had an error, and each of a name that it does not list', () => {
    fc.assert(
      fc.property(arbitraryPolicy, arbitraryCall, (policy, call) => {
        const policies = compiled(policy)
        const decision = evaluate(policies, call)
        if (decision.errors.length > 0) expect(decision.effect).toBe('deny')
        if (visibility(policies, call.tool.name) !== 'listed') expect(decision.effect).toBe('deny')
        if (decision.effect === 'deny')
          expect(decision.reasons[0]).toMatchObject({ rule: decision.rule, code: decision.code })
      }),
      RUNS,
    )
  })

  it('with a key more, anywhere, is refused', () => {
    fc.assert(
      fc.property(arbitraryPolicy, fc.nat(), fc.constantFrom('alow', 'whne', 'x', 'rules2'), (policy, pick, key) => {
        const places = mappingsOf(policy)
        const place = places[pick % places.length]
        fc.pre(place !== undefined && !(key in place))
        if (place) place[key] = null
        const { document, diagnostics } = parse(JSON.stringify(policy))
        expect(document).toBeNull()
        expect(diagnostics).toContainEqual(expect.objectContaining({ code: 'unknown_key' }))
      }),
      RUNS,
    )
  })

  it('fits the JSON Schema that is made of the language', () => {
    const validate = new Ajv2020({ strict: false }).compile(jsonSchema())
    fc.assert(
      fc.property(arbitraryPolicy, policy => {
        expect(validate(policy) || validate.errors).toBe(true)
        expect(validate({ ...policy, unknown: 1 })).toBe(false)
      }),
      RUNS,
    )
  })

  it('is read from any text in bounded time, without a throw', () => {
    const fragments = fc.constantFrom(
      'default: deny\n',
      'tools:\n',
      '  t:\n',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&a ',
      '*a',
      '!!x ',
      ': ',
      '? ',
      '|\n',
      '\t',
      '\r',
      '---\n',
      '# ',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(fragments, fc.string({ maxLength: 4 })), { maxLength: 60 }).map(parts => parts.join('')),
    )
    fc.assert(
      fc.property(text, source => {
        const { document, diagnostics } = parse(source)
        expect(document === null).toBe(diagnostics.some(({ severity }) => severity === 'error'))
      }),
      { numRuns: 2000 },
    )
  })
})

/** A new denying entry names its tool; the property is of entries that were there, and of `*`, which names nothing. */
function isNamed(policy: WrittenPolicy, tool: string): boolean {
  return tool === '*' || (tool in policy.tools && isHeard(policy, tool))
}

/** An entry of shadow rules alone names nothing until it gets a rule that is enforced. */
function isHeard(policy: WrittenPolicy, tool: string): boolean {
  const rules = policy.tools[tool]?.rules ?? []
  return rules.length === 0 || rules.some(rule => rule.mode !== 'shadow')
}

/** Without its shadow rules; an entry of nothing else is as if it were not written. */
function withoutShadow(policy: WrittenPolicy): WrittenPolicy {
  const entries = Object.entries(policy.tools).flatMap(([name, entry]): [string, WrittenPolicy['tools'][string]][] => {
    const rules = entry?.rules.filter(rule => rule.mode !== 'shadow')
    if (!entry || !rules) return [[name, entry]]
    return entry.rules.length > 0 && rules.length === 0 ? [] : [[name, { rules }]]
  })
  return { ...policy, tools: Object.fromEntries(entries) }
}

/** The document, its entries, rules, limits and conditions: every mapping whose keys the language knows. */
function mappingsOf(policy: WrittenPolicy): Record<string, unknown>[] {
  const entries = Object.values(policy.tools).filter(entry => entry !== null)
  const rules = entries.flatMap(entry => entry.rules)
  const parts = rules.flatMap(rule => [rule.rate_limit, ...[rule.when, rule.conditions].flat()])
  return [policy, ...entries, ...rules, ...parts].filter(part => typeof part === 'object' && part !== null) as Record<
    string,
    unknown
  >[]
}
