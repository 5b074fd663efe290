import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { CORES, onCore } from './processes'
import { median } from './statistics'
import type { Way } from './ways'
import { callBody, HEADERS } from './wrk'

export interface OpenLoop {
  readonly way: Way
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly errors: number
}

interface Run {
  readonly calls: number
  readonly errors: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** Poisson calls through each way in turn; medians over the rounds. */
export async function measureOpenLoop(
  ways: readonly Way[],
  { perSecond, rounds, seconds }: { perSecond: number; rounds: number; seconds: number },
): Promise<OpenLoop[]> {
  const runs = new Map<Way, Run[]>(ways.map(way => [way, []]))
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      runs.get(way)?.push(await runOnce(way, perSecond, seconds))
      await way.settle()
    }
  }
  return ways.map(way => {
    const own = runs.get(way) ?? []
    const of = (pick: (run: Run) => number) => median(own.map(pick))
    const errors = own.reduce((sum, run) => sum + run.errors, 0)
    return { way, p50Ms: of(run => run.p50), p95Ms: of(run => run.p95), p99Ms: of(run => run.p99), errors }
  })
}

let seed = 4_000_000_000_000

async function runOnce({ target, name }: Way, perSecond: number, seconds: number): Promise<Run> {
  const [before, after] = callBody('@').split('@')
  seed += 1_000_000
  const headers = { ...HEADERS, ...(target.key ? { authorization: `Bearer ${target.key}` } : {}) }
  const plan = { url: target.url, sessions: target.sessions, headers, before, after, perSecond, seconds, seed }
  const words = onCore(CORES.others, [process.execPath, path.join(import.meta.dirname, 'open-loop.mjs')])
  const [file = '', ...rest] = words
  const environment = { PATH: process.env.PATH ?? '', NODE_ENV: 'production', PLAN: JSON.stringify(plan) } as const
  const child = spawn(file, rest, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`The open loop through ${name} ended with ${code}.`)
  return JSON.parse(output) as Run
}
