import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { beginningOf, isAlive, RunFile } from './processes.mjs'

let folder: string
const started: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'intercept-run-'))
})
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

function idle(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })
  started.push(child)
  return child.pid ?? 0
}

const leave = (...processes: object[]) => writeFileSync(path.join(folder, 'run.json'), JSON.stringify(processes))
const record = (name: string, pid: number) => ({ name, pid, since: beginningOf(pid) })

describe('what a killed run left', () => {
  test('is ended by the next', async () => {
    const [console, proxy] = [idle(), idle()]
    leave(record('console', console), record('proxy', proxy))
    expect(await new RunFile(folder).takeOver()).toBeNull()
    expect(isAlive(console) || isAlive(proxy)).toBe(false)
    const [own] = JSON.parse(readFileSync(path.join(folder, 'run.json'), 'utf8'))
    expect(own).toMatchObject({ name: 'launcher', pid: process.pid })
  })

  test('never costs a stranger who was given the same pid', async () => {
    const stranger = idle()
    leave({ name: 'proxy', pid: stranger, since: 'another boot/1' }, { name: 'launcher', pid: stranger, since: 'x/2' })
    expect(await new RunFile(folder).takeOver()).toBeNull()
    expect(isAlive(stranger)).toBe(true)
  })

  test('may be half a file', async () => {
    writeFileSync(path.join(folder, 'run.json'), '[{"name":"pro')
    expect(await new RunFile(folder).takeOver()).toBeNull()
  })
})

test('a run that goes on is named and nothing of it is touched', async () => {
  const [launcher, proxy] = [idle(), idle()]
  leave(record('launcher', launcher), record('proxy', proxy))
  expect(await new RunFile(folder).takeOver()).toMatchObject({ pid: launcher })
  expect(isAlive(launcher) && isAlive(proxy)).toBe(true)
})

test('a process that ended but was not reaped does not run', async () => {
  const shell = spawn('sh', ['-c', `sh -c 'echo $$' & exec sleep 5`], { stdio: ['ignore', 'pipe', 'ignore'] })
  started.push(shell)
  const pid = await new Promise<number>(resolve => shell.stdout.once('data', chunk => resolve(Number(String(chunk)))))
  const until = Date.now() + 3_000
  while (isAlive(pid) && Date.now() < until) await new Promise(resolve => setTimeout(resolve, 20))
  expect(isAlive(pid)).toBe(false)
})
