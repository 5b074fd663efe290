import { expect, test } from 'vitest'
import { GapWatch } from './gap-watch'

test('each gap is said once, with how many more there are; silence stays silent', () => {
  const said: unknown[] = []
  let count = 0
  const watch = new GapWatch(() => count, { error: (fields: unknown) => void said.push(fields) })
  watch.look()
  count = 3
  watch.look()
  watch.look()
  count = 10_000
  watch.stop()
  expect(said).toEqual([
    { audit_gap: 3, total: 3 },
    { audit_gap: 9_997, total: 10_000 },
  ])
})
