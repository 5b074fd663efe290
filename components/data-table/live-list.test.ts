import { describe, expect, test } from 'vitest'
import type { DecisionRow } from '@/lib/audit/queries'
import { type LiveList, MOST_WAITING, released, withArrived, withOlder, withPage } from './live-list'

const row = (n: number, outcome: DecisionRow['outcome'] = null) =>
  ({ id: `id-${String(n).padStart(4, '0')}`, time: new Date(n * 1000), outcome }) as DecisionRow
const rows = (...numbers: number[]) => numbers.map(n => row(n))
const numbers = (list: readonly DecisionRow[]) => list.map(({ time }) => time.getTime() / 1000)
const answered = { kind: 'result', isError: false, durationMs: 3 }

describe('a list that may move', () => {
  const list: LiveList = { shown: rows(5, 4, 3), waiting: [] }

  test('takes what arrives on top, in the order of time, each once', () => {
    const grown = withArrived(list, rows(7, 6, 5), false)
    expect(numbers(grown.shown)).toEqual([7, 6, 5, 4, 3])
    expect(numbers(withArrived(grown, rows(6), false).shown)).toEqual([7, 6, 5, 4, 3])
  })

  test('leaves out what belongs to an older page', () => {
    expect(numbers(withArrived(list, rows(2), false).shown)).toEqual([5, 4, 3])
  })

  test('becomes the page that is read anew, and keeps what that one does not have yet', () => {
    const grown = withArrived(list, rows(7), false)
    expect(numbers(withPage(grown, rows(6, 5, 4), false).shown)).toEqual([7, 6, 5, 4])
  })

  test('grows at its end by what a search finds further back', () => {
    expect(numbers(withOlder(list, rows(2, 1)).shown)).toEqual([5, 4, 3, 2, 1])
  })
})

describe('a list that is held', () => {
  const list: LiveList = { shown: rows(5, 4), waiting: [] }
  const held = withArrived(list, rows(6), true)

  test('does not move, and counts', () => {
    expect([numbers(held.shown), numbers(held.waiting)]).toEqual([[5, 4], [6]])
    expect(numbers(withPage(held, rows(7, 6, 5), true).shown)).toEqual([5, 4])
    expect(numbers(withPage(held, rows(7, 6, 5), true).waiting)).toEqual([7, 6])
  })

  test('still learns what became of a call it shows', () => {
    expect(withArrived(held, [row(4, answered)], true).shown.map(each => each.outcome)).toEqual([null, answered])
  })

  test('shows what waited once it is let go', () => {
    expect(released(held)).toEqual({ shown: rows(6, 5, 4), waiting: [] })
  })

  test('keeps no more waiting than it says', () => {
    const many = Array.from({ length: 3 * MOST_WAITING }, (_, n) => row(10 + n))
    expect(withArrived(list, many, true).waiting).toHaveLength(MOST_WAITING)
  })
})
