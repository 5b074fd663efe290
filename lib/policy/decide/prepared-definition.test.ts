import { expect, it } from 'vitest'
import { prepareDefinition } from './prepared-definition'

it('prepares definitions with the same input schema once, whatever their names', () => {
  const schema = () => ({ type: 'object', required: ['a'], properties: { a: { type: 'string' } } })
  const one = prepareDefinition({ name: 'one', inputSchema: schema() })
  expect(prepareDefinition({ name: 'two', description: 'x', inputSchema: schema() })).toBe(one)
  expect(prepareDefinition({ name: 'one', inputSchema: { ...schema(), required: [] } })).not.toBe(one)
})
