import { describe, expect, test } from 'vitest'
import { matches } from './install.mjs'

const packages = (...entries: [string, object][]) => Object.fromEntries([['', { name: 'intercept' }], ...entries])
const zod = ['node_modules/zod', { version: '4.0.0' }] as [string, object]
const wasm = ['node_modules/wasm-win32', { version: '1.0.0', optional: true }] as [string, object]

describe('packages are installed anew', () => {
  test.each([
    ['when there are none', packages(zod), null, false],
    ['when npm had not finished', packages(zod), packages(), false],
    ['when a version differs', packages(zod), packages(['node_modules/zod', { version: '3.9.0' }]), false],
    ['not when all are there', packages(zod), packages(zod), true],
    ['not for the sake of another platform', packages(zod, wasm), packages(zod), true],
    [
      'when an optional one is of another version',
      packages(wasm),
      packages(['node_modules/wasm-win32', { version: '2' }]),
      false,
    ],
    ['not for a link of ours', packages(['node_modules/own', { link: true }]), packages(), true],
  ])('%s', (_, wanted, present, same) => {
    expect(matches(wanted, present)).toBe(same)
  })
})
