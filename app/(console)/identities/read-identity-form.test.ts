import { describe, expect, it } from 'vitest'
import { endOf } from './end-of'
import { ends } from './ends'
import { isEnding, shareLeft } from './lifetime'
import { labelsOf, namesOf } from './read-identity-form'

const now = Date.parse('2026-11-22T15:00:00Z')

describe('what is typed about an identity', () => {
  it.each([
    ['workflow_*, mistral_chat', ['workflow_*', 'mistral_chat']],
    [' a\nb  c,', ['a', 'b', 'c']],
    ['', []],
  ])('names %j', (typed, names) => expect(namesOf(typed)).toEqual(names))

  it.each([
    ['team=ops, region=eu', { team: 'ops', region: 'eu' }],
    ['query=a=b', { query: 'a=b' }],
    ['', {}],
  ])('labels %j', (typed, labels) => expect(labelsOf(typed)).toEqual(labels))

  it.each(['ops', '=x'])('refuses the label %j in words', typed => {
    expect(() => labelsOf(typed)).toThrow(/name=value/)
  })
})

describe('an end', () => {
  it.each([
    ['', '', null],
    ['8', '', '2026-11-22T23:00:00.000Z'],
    ['2160', '', '2027-02-20T15:00:00.000Z'],
    ['day', '2026-11-22', '2026-11-22T23:59:59.999Z'],
    ['day', '2028-02-29', '2028-02-29T23:59:59.999Z'],
  ])('%j %j is %s', (chosen, day, end) => {
    expect(endOf(chosen, day, 'day', now)?.toISOString() ?? null).toBe(end)
  })

  it.each([
    ['day', '2026-11-21', 'day'],
    ['day', '2027-02-30', 'day'],
    ['day', '', 'day'],
    ['9', '', 'until'],
    ['forever', '', 'until'],
  ])('%j %j is refused beside %s', (chosen, day, path) => {
    expect(() => endOf(chosen, day, 'day', now)).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ path })] }),
    )
  })

  it('takes each choice that is offered', () => {
    for (const { value } of ends) expect(() => endOf(value, '2027-01-01', 'day', now)).not.toThrow()
  })
})

describe('a lifetime', () => {
  const at = (iso: string) => new Date(iso)
  it.each([
    ['2026-11-21T15:00:00Z', '2026-11-23T15:00:00Z', 0.5],
    ['2026-11-22T15:00:00Z', '2026-11-23T15:00:00Z', 1],
    ['2026-11-20T15:00:00Z', '2026-11-21T15:00:00Z', 0],
    ['2026-11-23T15:00:00Z', '2026-11-22T15:00:00Z', 0],
  ])('from %s until %s has %s left', (from, until, left) => {
    expect(shareLeft(at(from), at(until), now)).toBe(left)
  })

  it('is ending when its end is near or past, and never without an end', () => {
    expect(isEnding(at('2026-11-22T15:59:00Z'), 3_600_000, now)).toBe(true)
    expect(isEnding(at('2026-11-22T16:01:00Z'), 3_600_000, now)).toBe(false)
    expect(isEnding(null, 3_600_000, now)).toBe(false)
  })
})
