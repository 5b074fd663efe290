import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { promises } from './promise-list'

test.each(promises)('the test that shows "$title" is there', promise => {
  expect(existsSync(promise.test)).toBe(true)
})
