import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { findBundle } from './bundle.mjs'

// A checkout in small: one command, one module that it loads when asked.
let root: string
const cache = () => path.join(root, 'node_modules/.cache/intercept')
const write = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
  writeFileSync(path.join(root, file), text)
}
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'intercept-cli-'))
  write('package.json', '{"type":"module"}')
  write('cli/main.ts', `export const main = async () => (await import('./answer')).answer`)
  write('cli/answer.ts', 'export const answer: string = "first"')
  write('proxy/run.ts', 'export const run = 1')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function run(): Promise<string> {
  const { main } = await import(pathToFileURL(await findBundle(root)).href)
  return main()
}

describe('the bundle of the command line', () => {
  test('is made once, and again when a source changed that it was made from', async () => {
    expect(await run()).toBe('first')
    const first = await findBundle(root)
    expect(await findBundle(root)).toBe(first)
    write('unrelated.ts', 'export const other = 1')
    expect(await findBundle(root)).toBe(first)
    write('cli/answer.ts', 'export const answer: string = "the second"')
    expect(await run()).toBe('the second')
    expect(await findBundle(root)).not.toBe(first)
  })

  test('made by two at once is one', async () => {
    const [one, other] = await Promise.all([findBundle(root), findBundle(root)])
    expect(one).toBe(other)
    expect(await run()).toBe('first')
    expect(readdirSync(cache()).filter(name => name.startsWith('making'))).toEqual([])
  })

  test('is not taken from a source that does not compile, nor lost by one', async () => {
    const first = await findBundle(root)
    write('cli/answer.ts', 'export const answer =')
    await expect(findBundle(root)).rejects.toThrow()
    write('cli/answer.ts', 'export const answer: string = "first"')
    expect(await findBundle(root)).not.toBe(first)
    expect(await run()).toBe('first')
  })

  test('needs no generated client, until a command does', async () => {
    write(
      'cli/answer.ts',
      `export const answer = await import('../lib/db/generated/client').then(() => 'it is there', error => error.message)`,
    )
    expect(await run()).toMatch(/not generated yet\. Run `npm start` first/)
  })
})

test('the real one decides without a database, a build or a generated client', async () => {
  const checkout = path.resolve(import.meta.dirname, '..')
  for (const folder of ['cli', 'lib', 'proxy']) {
    rmSync(path.join(root, folder), { recursive: true, force: true })
    symlinkSync(path.join(checkout, folder), path.join(root, folder))
  }
  const { main } = await import(pathToFileURL(await findBundle(root)).href)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  expect(await main(['schema', '--nonsense'])).toBe(2)
  expect(await main(['schema'])).toBe(0)
  expect(JSON.parse(String(print.mock.calls[0]?.[0]))).toHaveProperty('$schema')
  vi.restoreAllMocks()
})

/** Packages that are loaded with a module of the bundle, before anything in it runs. */
function packagesOf(folder: string, file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>()
  if (seen.has(file)) return packages
  seen.add(file)
  const text = readFileSync(path.join(folder, file), 'utf8')
  for (const [, from, alone] of text.matchAll(/^(?:import|export)\b[^;"]*?from\s*"([^"]+)"|^import\s*"([^"]+)"/gm)) {
    const name = from ?? alone ?? ''
    if (name.startsWith('./')) for (const inner of packagesOf(folder, name.slice(2), seen)) packages.add(inner)
    else if (!isBuiltin(name)) packages.add(name)
  }
  return packages
}

test('a command begins, and `run` stands before a child, without loading any package from node_modules', async () => {
  // Postgres, Redis, undici, OpenTelemetry and the rest take longer to load than a start may (0.5 s); each is loaded when used.
  const folder = path.dirname(await findBundle(path.resolve(import.meta.dirname, '..')))
  for (const entry of ['main.mjs', 'run.mjs']) expect([...packagesOf(folder, entry)]).toEqual([])
  const named = (start: string) => readdirSync(folder).filter(name => name.startsWith(`${start}-`))
  for (const entry of named('run')) expect([...packagesOf(folder, entry)]).toEqual([])
  // What does load some is seen.
  expect(named('scan').flatMap(entry => [...packagesOf(folder, entry)])).toContain('undici')
})
