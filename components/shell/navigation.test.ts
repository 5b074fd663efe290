import { describe, expect, test } from 'vitest'
import { crumbsOf, entryAt } from './navigation'

describe('crumbs', () => {
  const words = (path: string) => crumbsOf(path).map(crumb => crumb.label)

  test.each([
    ['/overview', ['Overview']],
    ['/audit', ['Record', 'Audit']],
    ['/servers/mistral/tools', ['Decide', 'Servers', 'mistral', 'tools']],
    ['/identities/ops%20agent', ['Who', 'Identities', 'ops agent']],
    ['/identities/50%', ['Who', 'Identities', '50%']],
    ['/nowhere', []],
  ])('%s reads %j', (path, expected) => expect(words(path)).toEqual(expected))

  test('each crumb but the group leads to its own part of the address', () => {
    expect(crumbsOf('/servers/mistral/tools').map(crumb => crumb.href)).toEqual([
      undefined,
      '/servers',
      '/servers/mistral',
      '/servers/mistral/tools',
    ])
  })
})

test('an address that only begins like a page belongs to no entry', () => {
  expect(entryAt('/auditors')).toBeUndefined()
  expect(entryAt('/audit/0193f1c2')?.label).toBe('Audit')
})
