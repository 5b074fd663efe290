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
