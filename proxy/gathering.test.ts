import { expect, test } from 'vitest'
import { Gathering } from './gathering'

/** What happened, in order. */
function told() {
  const said: string[] = []
  const steps = new Gathering<string>(item => said.push(item))
  return { said, steps }
}

const turn = () => new Promise(resolve => setImmediate(resolve))

test('what comes in one turn of the loop is done in its order, together, and after what came in', async () => {
  const { said, steps } = told()
  steps.add('one')
  await Promise.resolve()
  process.nextTick(() => {
    steps.add('two')
    said.push('read')
  })
  expect(said).toEqual([])
  await turn()
  expect(said).toEqual(['read', 'one', 'two'])
})

test('what a step adds waits for the next turn', async () => {
  const said: string[] = []
  const steps: Gathering<number> = new Gathering(left => {
    said.push(`${left}`)
    if (left > 0) steps.add(left - 1)
  })
  steps.add(1)
  await turn()
  expect(said).toEqual(['1'])
  await turn()
  expect(said).toEqual(['1', '0'])
})

test('where some have come, what comes in the next two turns goes with them, and no more is waited for', async () => {
  const batches: number[][] = [[]]
  const steps = new Gathering<number>(item => batches.at(-1)?.push(item))
  for (let item = 0; item < 4; item++) steps.add(item)
  for (let i = 4; i < 8; i++) {
    await turn()
    batches.push([])
    steps.add(i)
  }
  await turn()
  await turn()
  expect(batches.filter(({ length }) => length > 0)[0]).toEqual([0, 1, 2, 3, 4, 5])
  expect(batches.flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
})

test('as many as are enough wait for nobody', async () => {
  const done: number[] = []
  const steps = new Gathering<number>(item => done.push(item))
  for (let item = 0; item < 100; item++) steps.add(item)
  await turn()
  expect(done).toHaveLength(100)
})
