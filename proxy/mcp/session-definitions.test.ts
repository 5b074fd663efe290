import { expect, test } from 'vitest'
import type { JsonObject } from '@/lib/policy'
import { SessionDefinitions } from './session-definitions'

const tool = (name: string): JsonObject => ({ name, inputSchema: { type: 'object' } })

/** Definitions of a server that answers each question with the next of these; null where it does not answer. */
function definitionsOf(...answers: (JsonObject | null)[]) {
  const asked: unknown[] = []
  const ask = async (cursor: unknown) => {
    asked.push(cursor)
    return answers.shift() ?? null
  }
  const ignore = () => undefined
  return { asked, definitions: new SessionDefinitions(ask, ignore, ignore) }
}

test('a server that could not be asked is asked again at the next call', async () => {
  const { asked, definitions } = definitionsOf(null, { tools: [tool('a')] })
  expect(await definitions.digestOf('a')).toBeNull()
  expect(definitions.isKnown).toBe(false)
  expect(await definitions.digestOf('a')).toMatch(/^[0-9a-f]{64}$/)
  expect([definitions.isKnown, asked.length]).toEqual([true, 2])
})

test('a list whose second page is missing is no list', async () => {
  const { definitions } = definitionsOf({ tools: [tool('a')], nextCursor: '2' }, null)
  expect(await definitions.digestOf('a')).toBeNull()
  expect(definitions.isKnown).toBe(false)
})

test('what is known is told at once, also that there is no such tool', async () => {
  const { asked, definitions } = definitionsOf({ tools: [tool('a')] })
  await definitions.digestOf('a')
  expect(definitions.digestOf('a')).toMatch(/^[0-9a-f]{64}$/)
  expect(definitions.digestOf('b')).toBeNull()
  expect(asked).toEqual([undefined])
})

test('calls that come together ask once', async () => {
  const { asked, definitions } = definitionsOf({ tools: [tool('a')] })
  const digests = await Promise.all([definitions.digestOf('a'), definitions.digestOf('a')])
  expect(digests[0]).toBe(digests[1])
  expect(asked.length).toBe(1)
})
