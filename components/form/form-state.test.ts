import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Refusal } from '@/lib/auth/refusal'
import { checkFields, keepTyped, readFields } from './form-state'
import { runAction } from './run-action'

function form(...fields: [name: string, value: string | Blob][]): FormData {
  const data = new FormData()
  for (const [name, value] of fields) data.append(name, value)
  return data
}

test('fields are read as text, repeated ones as lists, without what React adds and without files', () => {
  const data = form(['email', 'a'], ['tools', 'x'], ['tools', 'y'], ['$ACTION_REF_1', ''], ['file', new Blob(['z'])])
  expect(readFields(data)).toEqual({ email: 'a', tools: ['x', 'y'] })
})

test('what is put back into a page holds no secret', () => {
  const data = form(['email', 'a'], ['password', 'p'], ['newPassword', 'p'], ['clientSecret', 's'], ['token', 't'])
  expect(keepTyped(data)).toEqual({ email: 'a' })
})

test('a field shows the first sentence that the schema has for it', () => {
  const schema = z.object({
    email: z.string().min(3, 'too short').includes('@', { message: 'no @' }),
    name: z.string(),
  })
  expect(checkFields(schema, form(['email', 'a'], ['name', '']))).toEqual({ email: 'too short' })
  expect(checkFields(schema, form(['email', 'a@b'], ['name', '']))).toEqual({})
})

describe('an action', () => {
  const data = form(['email', 'typed'])

  test('hands back what its command returned', async () => {
    expect(await runAction(data, async () => 7)).toMatchObject({ status: 'done', result: 7 })
  })

  test('turns a refusal into a sentence per field and keeps what was typed', async () => {
    const state = await runAction(data, async () => {
      throw new Refusal('invalid', 'first', [
        { path: 'email', message: 'first' },
        { path: 'email', message: 'second' },
        { path: 'tools.0', message: 'third' },
      ])
    })
    expect(state).toEqual({
      status: 'refused',
      message: 'first',
      errors: { email: 'first', tools: 'third' },
      values: { email: 'typed' },
    })
  })

  test('answers a fault of ours without its details, and keeps what was typed', async () => {
    const written: unknown[] = []
    const { error } = console
    console.error = (...parts) => written.push(...parts)
    try {
      const fault = new Error('password=hunter2 at db:5432')
      const state = await runAction(data, async () => Promise.reject(fault))
      expect(state).toMatchObject({ status: 'refused', errors: {}, values: { email: 'typed' } })
      expect(JSON.stringify(state)).not.toContain('hunter2')
      expect(written).toEqual([fault])
    } finally {
      console.error = error
    }
  })
})
