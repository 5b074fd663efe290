import { expect, test } from 'vitest'
import { GroupCommit } from './group-commit'
import type { LineKind } from './spool-line'

interface Line {
  readonly kind: LineKind
  readonly name: string
}

/** Batches that are committed, and the way to let the one under way end. */
function slowCommits() {
  const batches: string[] = []
  let end = () => {}
  let began = () => {}
  let begun = Promise.resolve()
  const expectNext = () => {
    begun = new Promise(resolve => {
      began = resolve
    })
  }
  expectNext()
  const lines = new GroupCommit<Line>(batch => {
    batches.push(batch.map(({ name }) => name).join(' '))
    began()
    return new Promise(resolve => {
      end = resolve
    })
  })
  const next = async () => {
    await begun
    expectNext()
  }
  return { batches, lines, next, end: () => end() }
}

const line = (kind: LineKind, name: string): Line => ({ kind, name })

test('what is added in one turn, or while a batch is under way, goes together', async () => {
  const { batches, lines, next, end } = slowCommits()
  for (const name of ['a', 'b']) lines.add(line('a', name))
  await next()
  for (const name of ['c', 'd']) lines.add(line('d', name))
  end()
  await next()
  end()
  await lines.settled()
  expect(batches).toEqual(['a b', 'c d'])
})

test('an outcome takes the next batch along with a decision', async () => {
  const { batches, lines, next, end } = slowCommits()
  lines.add(line('o', 'outcome'))
  lines.add(line('a', 'decision'))
  await next()
  end()
  expect(batches).toEqual(['outcome decision'])
})

test('an outcome that nobody follows is committed by itself, also behind a batch that takes long', async () => {
  const { batches, lines, next, end } = slowCommits()
  lines.add(line('a', 'decision'))
  await next()
  lines.add(line('o', 'outcome'))
  // Longer than an outcome waits: its time is over before the batch under way is.
  await new Promise(resolve => setTimeout(resolve, 60))
  end()
  await next()
  end()
  lines.add(line('o', 'another'))
  await next()
  end()
  expect(batches).toEqual(['decision', 'outcome', 'another'])
})
