import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { argumentRows } from './argument-rows'

describe('the arguments of a tool', () => {
  it.each([
    [{ type: 'string' }, 'string'],
    [{ enum: ['signal', 'query'] }, '"signal" | "query"'],
    [{ const: 'x' }, '"x"'],
    [{ type: 'array', items: { type: 'number' } }, 'number[]'],
    [{ anyOf: [{ type: 'string' }, { type: 'object' }, { type: 'string' }] }, 'string | object'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{}, 'any'],
  ])('reads %j as %s', (schema, type) => {
    expect(argumentRows({ properties: { a: schema } })).toEqual([
      { name: 'a', type, isRequired: false, description: '' },
    ])
  })

  it('says what is required and what it is for', () => {
    const schema = { properties: { a: { type: 'string', description: 'Which one.' } }, required: ['a'] }
    expect(argumentRows(schema)[0]).toMatchObject({ isRequired: true, description: 'Which one.' })
  })

  it('reads anything that a server sends, within bounds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        argumentRows(one)
        expect(argumentRows({ properties: { a: one }, required: other })).toHaveLength(1)
      }),
    )
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`a${i}`, { enum: Array(500).fill('x') }]))
    const rows = argumentRows({ properties: many })
    expect(rows.length).toBe(200)
    expect(Math.max(...rows.map(row => row.type.length))).toBe(120)
  })
})
