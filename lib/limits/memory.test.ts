import { describe, expect, it } from 'vitest'
import { MemoryCounterStore } from './memory'

const request = (key: string, cost: number, max = 3, windowStart = 0) => ({
  key,
  windowStart,
  windowSeconds: 60,
  max,
  cost,
})

describe('MemoryCounterStore', () => {
  it('takes several limits all or nothing, and says which did not fit', async () => {
    const store = new MemoryCounterStore()
    expect((await store.reserve([request('a', 2), request('b', 2)], 0)).ok).toBe(true)
    expect(await store.reserve([request('c', 1), request('a', 2)], 0)).toEqual({
      ok: false,
      refused: { index: 1, used: 2, resetsAt: 60_000 },
    })
    expect(await store.read([request('a', 0), request('c', 0)])).toEqual(
      new Map([
        ['a', 2],
        ['c', 0],
      ]),
    )
  })

  it('counts a key that stands twice in one request twice', async () => {
    const store = new MemoryCounterStore()
    expect((await store.reserve([request('a', 2), request('a', 2)], 0)).ok).toBe(false)
    expect((await store.reserve([request('a', 2), request('a', 1)], 0)).ok).toBe(true)
    expect((await store.read([request('a', 0)])).get('a')).toBe(3)
  })

  it('lets a cost of nothing pass at the bound', async () => {
    const store = new MemoryCounterStore()
    await store.reserve([request('a', 3)], 0)
    expect((await store.reserve([request('a', 0)], 0)).ok).toBe(true)
    expect((await store.reserve([request('a', 1)], 0)).ok).toBe(false)
  })

  it('gives back only into the window that it took from', async () => {
    const store = new MemoryCounterStore()
    const first = await store.reserve([request('a', 2)], 0)
    if (!first.ok) throw new Error('refused')
    await store.reserve([request('a', 1, 3, 60_000)], 60_000)
    await store.refund(first.reservation)
    expect((await store.read([request('a', 0, 3, 60_000)])).get('a')).toBe(1)
  })

  it('forgets windows that are over before there are twice as many as were ever open', async () => {
    const store = new MemoryCounterStore()
    for (let i = 0; i < 10_001; i++) await store.reserve([request(`old${i}`, 1)], 0)
    for (let i = 0; i < 10_002; i++) await store.reserve([request(`new${i}`, 1, 3, 120_000)], 120_000)
    expect(await store.read([request('old1', 0), request('new1', 0, 3, 120_000)])).toEqual(
      new Map([
        ['old1', 0],
        ['new1', 1],
      ]),
    )
  })
})
