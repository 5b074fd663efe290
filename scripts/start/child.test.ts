import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isAlive } from '@/lib/db/postmaster'
import { Deaths, LogFile, lastComplaint, SupervisedChild } from './child.mjs'
import { RunFile } from './processes.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'intercept-child-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A supervised `node -e script`, and what its supervisor says. */
function supervise(script: string) {
  const said: string[] = []
  const run = new RunFile(folder)
  let giveUp: (sentence: string) => void = () => undefined
  const givenUp = new Promise<string>(resolve => {
    giveUp = resolve
  })
  const log = new LogFile(path.join(folder, 'child.log'))
  const plan = () => ({ words: [process.execPath, '-e', script], environment: process.env, cwd: folder })
  const child = new SupervisedChild('proxy', plan, { log, run, say: (line: string) => said.push(line), giveUp })
  const pids = () =>
    JSON.parse(readFileSync(path.join(folder, 'run.json'), 'utf8')).map((each: { pid: number }) => each.pid)
  return { child, said, givenUp, pids }
}

async function eventually<Value>(look: () => Value | undefined | false, timeoutMs = 10_000): Promise<Value> {
  const until = Date.now() + timeoutMs
  for (;;) {
    const seen = look()
    if (seen) return seen
    if (Date.now() > until) throw new Error('not in time')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

describe('a supervised child', () => {
  test('is given up after five deaths within a minute, each a line with its delay and the reason', async () => {
    const { child, said, givenUp } = supervise('console.error("no spool"); process.exit(3)')
    child.start()
    expect(await givenUp).toMatch(
      /^The proxy ended with exit code 3, the fifth time within a minute: no spool\. See .*child\.log\.$/,
    )
    expect(said).toEqual(
      [0.25, 0.5, 1, 2].map(s => `The proxy ended with exit code 3; it starts again in ${s} s: no spool`),
    )
    expect(readFileSync(path.join(folder, 'child.log'), 'utf8')).toBe('no spool\n'.repeat(5))
  })

  test('takes the processes it started with it', async () => {
    const { child, said } = supervise(
      `const { pid } = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
       require('node:fs').writeFileSync('grandchild', String(pid))
       setInterval(() => {}, 1000)`,
    )
    child.start()
    const grandchild = await eventually(() => {
      try {
        return Number(readFileSync(path.join(folder, 'grandchild'), 'utf8'))
      } catch {
        return false
      }
    })
    await child.stop(2_000)
    await eventually(() => !isAlive(grandchild))
    expect(said).toEqual([])
  })

  test('that ignores SIGTERM is ended by force after its grace', async () => {
    const { child, pids } = supervise(`process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)`)
    child.start()
    await eventually(() => statSync(path.join(folder, 'child.log')).size > 0)
    const [pid] = pids()
    const began = Date.now()
    await child.stop(200)
    expect(isAlive(pid)).toBe(false)
    expect(Date.now() - began).toBeLessThan(1_500)
    expect(pids()).toEqual([])
  })
})

test('deaths more than a minute apart never add up', () => {
  const deaths = new Deaths()
  expect(Array.from({ length: 20 }, (_, n) => deaths.count(n * 61_000))).toEqual(Array(20).fill(250))
})

test.each([
  ['plain text', 'starting\nport is taken\n', 'port is taken'],
  ['a structured error', '{"level":50,"msg":"stopped","err":{"message":"no disk"}}\n', 'no disk'],
  ['a structured line that is no error', '{"level":30,"msg":"listens"}\n', null],
  ['an error before a plain line of a log', '{"level":60,"msg":"gone"}\n{"level":30,"msg":"bye"}\n', 'gone'],
])('the reason of a death is found in %s', (_, output, reason) => {
  expect(lastComplaint(output)).toBe(reason)
})

test('a log keeps at most two files of bounded size', () => {
  const log = new LogFile(path.join(folder, 'big.log'))
  const megabyte = Buffer.alloc(1024 * 1024, 'x')
  for (let n = 0; n < 30; n += 1) log.write(megabyte)
  const sizes = ['big.log', 'big.log.1'].map(name => statSync(path.join(folder, name)).size / megabyte.length)
  expect(sizes.every(size => size <= 12)).toBe(true)
})
