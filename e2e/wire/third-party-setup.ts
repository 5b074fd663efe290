import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Why the third-party servers and suites are not here; empty when they are. */
    thirdPartyProblem: string
  }
}

const folder = path.resolve(import.meta.dirname, '../servers')
const INSTALL_MS = 300_000
const SAY_EVERY_MS = 15_000

/** Whether each direct dependency stands there in the version that package.json names. */
function isInstalled(): boolean {
  const { dependencies } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  return Object.entries(dependencies as Record<string, string>).every(([name, version]) => {
    const file = path.join(folder, 'node_modules', name, 'package.json')
    return existsSync(file) && version.endsWith(JSON.parse(readFileSync(file, 'utf8')).version)
  })
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise(resolve => {
    let words = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-2_000)
    })
    child.once('error', error => resolve(error.message))
    child.once('close', (code, signal) => resolve(code === 0 ? '' : `ended with ${signal ?? code}: ${words.trim()}`))
  })
}

/** Installs e2e/servers from its own lock, unless it is there; says how long it has been at it. */
async function install(): Promise<string> {
  const startedAt = Date.now()
  process.stdout.write('Installing third-party MCP servers and suites (e2e/servers, 1.1 GB), once.\n')
  const child = spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INSTALL_MS,
  })
  const telling = setInterval(() => {
    process.stdout.write(`  … ${Math.round((Date.now() - startedAt) / 1000)} s\n`)
  }, SAY_EVERY_MS)
  const problem = await ended(child)
  clearInterval(telling)
  return problem && `npm ci in e2e/servers ${problem}`
}

/** Tests that need what cannot be had are skipped with this reason; none passes silently. */
export default async function setup(project: TestProject): Promise<void> {
  const problem = isInstalled() ? '' : await install()
  if (problem) process.stdout.write(`\nTests with third-party servers and suites are skipped: ${problem}\n\n`)
  project.provide('thirdPartyProblem', problem)
}
