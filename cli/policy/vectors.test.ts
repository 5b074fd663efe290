import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { MemoryCounterStore } from '@/lib/limits/memory'
import { compile, type Effect, parse } from '@/lib/policy'
import { decideAndReserve } from './decide-and-reserve'

const FILE = new URL('../../../shared/vectors/intercept-dialect.json', import.meta.url)

interface Vector {
  id: string
  title: string
  policy: string
  load: 'ok' | 'refused'
  calls?: {
    at: string
    tool: string
    args?: Record<string, never>
    upstream?: 'ok' | 'error'
    expect: { effect: Effect; rule?: string; message?: string }
  }[]
}

const cases: Vector[] = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')).cases : []

describe('the known decisions of dialect A', () => {
  if (cases.length === 0) {
    it('are checked where ../shared/vectors stands beside the clone', context => context.skip('the folder is not here'))
  }

  it.each(cases.map(vector => [vector.id, vector.title, vector] as const))('%s %s', async (_id, _title, vector) => {
    const { document, diagnostics } = parse(vector.policy)
    if (vector.load === 'refused') {
      expect(document).toBeNull()
      expect(diagnostics.filter(({ severity }) => severity === 'error')).not.toEqual([])
      return
    }
    if (!document) throw new Error(JSON.stringify(diagnostics))
    const policies = [compile(document, { name: 'vectors' })]
    const store = new MemoryCounterStore()
    for (const { at, tool, args, upstream, expect: expected } of vector.calls ?? []) {
      const call = {
        method: 'tools/call',
        tool: { name: tool },
        args: args ?? {},
        identity: null,
        server: { name: 'vectors' },
        at: Date.parse(at),
      }
      const { decision, reservation } = await decideAndReserve(policies, call, store)
      if (reservation && upstream === 'error') await store.refund(reservation)
      expect(decision).toMatchObject(expected)
    }
  })
})
