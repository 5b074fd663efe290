import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** `taskset` and two cores: what is measured gets one, the load and the upstream share the other. */
const isPinned = cpus().length >= 2 && spawnSync('taskset', ['--version']).status === 0
export const CORES = { measured: '0', others: '1' }
/** Of /proc, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

export interface Start {
  readonly core: string
  readonly environment?: Readonly<Record<string, string>>
  /** Where its words go; nowhere unless given. */
  readonly log?: string
}

const running = new Set<ChildProcess>()

export const pinning = isPinned ? 'pinned: measured on core 0, load and upstream on core 1' : 'not pinned'

/** The words of a command that runs on one core, where that can be had. */
export function onCore(core: string, command: readonly string[]): string[] {
  return isPinned ? ['taskset', '-c', core, ...command] : [...command]
}

/** Starts a child that `stopAll` will stop. */
export function startProcess(command: readonly string[], { core, environment = {}, log }: Start): ChildProcess {
  const [file = '', ...words] = onCore(core, command)
  const output = log ? openSync(log, 'a') : 'ignore'
  const env = { ...environment, PATH: process.env.PATH ?? '', NODE_ENV: 'production' } as NodeJS.ProcessEnv
  const child = spawn(file, words, { env, stdio: ['ignore', output, output] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 4_000)
  await gone
  clearTimeout(timer)
}

/** Stops whatever was started here and still runs, by its own process id. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map(stopProcess))
}

/** A port of this machine that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}

/** Waits until the address answers. @returns milliseconds it took @throws when it does not within a minute */
export async function untilAnswers(url: string, isReady = (status: number) => status < 500): Promise<number> {
  const from = performance.now()
  while (performance.now() - from < 60_000) {
    const status = await fetch(url).then(
      answer => answer.status,
      () => 599,
    )
    if (isReady(status)) return performance.now() - from
    await sleep(5)
  }
  throw new Error(`${url} does not answer.`)
}

/** CPU seconds that a process and all its threads have taken. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Resident memory in MB. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024
}
