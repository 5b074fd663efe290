import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkoutRoot, launchOf } from './launch'

const folder = mkdtempSync(path.join(tmpdir(), 'intercept-launch-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a server gets its own variables, a home and a language, and `node` is the Node that runs Intercept', () => {
  const launch = launchOf(['node', 'x.js', '--flag'], { API_KEY: 'k', LANG: 'de_DE.UTF-8' }, '/home/of/it')
  expect(launch).toEqual({
    file: process.execPath,
    args: ['x.js', '--flag'],
    env: { LANG: 'de_DE.UTF-8', HOME: '/home/of/it', API_KEY: 'k' },
    cwd: process.cwd(),
  })
  expect(launchOf(['/usr/bin/env'], {}, '/h').file).toBe('/usr/bin/env')
})

test('the root is the checkout that the running script belongs to, past packages in between', () => {
  const inside = path.join(folder, 'node_modules/next/dist/bin')
  mkdirSync(inside, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), '{"name":"intercept"}')
  writeFileSync(path.join(folder, 'node_modules/next/package.json'), '{"name":"next"}')
  expect(checkoutRoot(path.join(inside, 'next'))).toBe(folder)
  expect(checkoutRoot(path.join(folder, 'cli/intercept.mjs'))).toBe(folder)
  expect(checkoutRoot('/nowhere/at/all.mjs')).toBe(process.cwd())
})
