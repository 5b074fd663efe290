import { expect, test } from 'vitest'
import { deedOf } from './deed'

test.each([
  ['server.update', 'changed the server'],
  ['policy.publish', 'published the policy'],
  ['record.verify', 'verified the record'],
  ['draft.save', 'saved a draft of'],
  ['key.paint', 'did key.paint to the key'],
])('%s reads %s', (action, deed) => {
  expect(deedOf(action)).toBe(deed)
})
