import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { CORES, onCore } from './processes'

/** Where a run of wrk sends its calls. */
export interface Target {
  readonly url: string
  /** One call is made in each in turn; empty where there are no sessions. */
  readonly sessions: readonly string[]
  readonly key?: string | undefined
}

export interface WrkResult {
  readonly callsPerSecond: number
  /** Answers. */
  readonly calls: number
  /** Broken connections and answers that are no 2xx. */
  readonly errors: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

const ARGUMENTS = {
  action: 'query',
  executionId: 'wf-123456-abc',
  path: 'reports/2026/january.csv',
  input: { customer: { tier: 'gold', country: 'FR' }, amount: { value: 120, currency: 'eur' }, note: 'n'.repeat(120) },
}

/** The body of one call, some 400 bytes; `id` as JSON. */
export function callBody(id: string): string {
  const params = `{"name":"workflow_interact","arguments":${JSON.stringify(ARGUMENTS)}}`
  return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`
}

export const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2025-11-25',
}

/** Ids are unique among all threads and runs, as the protocol wants them. */
function script({ sessions, key }: Target, seed: number): string {
  const [before, after] = callBody('@').split('@')
  const headers = { ...HEADERS, ...(key ? { authorization: `Bearer ${key}` } : {}) }
  const lua = Object.entries(headers).map(([name, value]) => `["${name}"]=${JSON.stringify(value)}`)
  return `
local threads = 0
function setup(thread) thread:set("number", threads); threads = threads + 1 end
function init() id = ${seed} + number * 1e9; sessions = {${sessions.map(session => `"${session}"`).join(',')}} end
local headers = {${lua.join(',')}}
function request()
  id = id + 1
  if #sessions > 0 then headers["mcp-session-id"] = sessions[id % #sessions + 1] end
  return wrk.format("POST", nil, headers, '${before}' .. string.format("%d", id) .. '${after}')
end
function done(summary, latency)
  local e = summary.errors
  print(string.format("RESULT %d %d %d %d %d %d", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
`
}

let seed = 0

/** Sends calls for some seconds, each connection one after the other. @throws when wrk cannot be run */
export async function runWrk(folder: string, target: Target, connections: number, seconds: number): Promise<WrkResult> {
  const file = path.join(folder, 'calls.lua')
  seed += 20_000_000
  writeFileSync(file, script(target, seed))
  const words = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', file, target.url]
  const [name = '', ...rest] = onCore(CORES.others, words)
  const child = spawn(name, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  child.stderr.on('data', chunk => {
    output += chunk
  })
  await once(child, 'close')
  return parseWrk(output)
}

/** Reads what the script's last line says. @throws Error when wrk did not come to an end */
export function parseWrk(output: string): WrkResult {
  const match = /^RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$/m.exec(output)
  if (!match) throw new Error(`wrk gave no result: ${output.trim().slice(-500)}`)
  const [calls = 0, durationUs = 1, errors = 0, p50 = 0, p95 = 0, p99 = 0] = match.slice(1).map(Number)
  const callsPerSecond = (calls * 1e6) / durationUs
  return { callsPerSecond, calls, errors, p50Ms: p50 / 1000, p95Ms: p95 / 1000, p99Ms: p99 / 1000 }
}
