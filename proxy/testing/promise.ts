import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { Checkpoint, readPublicKey } from '@/lib/audit/checkpoint'
import { verifyRecord } from '@/lib/audit/verify/live'
import type { VerifyReport } from '@/lib/audit/verify/model'
import { seedActor } from '@/lib/auth/model'
import { type DecisionRow, type Gateway, until } from './gateway'

/** One client that calls with a number of its own each time, and what it was told: `result`, a code, or `cut`. */
export interface NumberedCaller {
  readonly told: Map<number, string>
  /** Its `mcp-session-id`. */
  readonly session: string
  /** `count` calls at once; what each was told. */
  call(count: number, more?: { tool?: string; args?: object }): Promise<string[]>
}

let next = 0

const BEGIN = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
})

/** Begins a session, as another identity if `key` says so. */
export async function numberedCaller(gateway: Gateway, key = gateway.key): Promise<NumberedCaller> {
  const authorization = `Bearer ${key}`
  const begun = await gateway.post(BEGIN, { authorization })
  const session = begun.headers.get('mcp-session-id') ?? ''
  const headers = { authorization, 'mcp-session-id': session }
  await begun.text()
  const told = new Map<number, string>()
  const one = async (tool: string, args: object) => {
    const n = next++
    const params = { name: tool, arguments: { n, text: `call ${n}`, ...args } }
    const body = JSON.stringify({ jsonrpc: '2.0', id: n + 1, method: 'tools/call', params })
    const answer = await gateway.post(body, headers).then(readAnswer, () => 'cut')
    told.set(n, answer)
    return answer
  }
  return {
    told,
    session,
    call: (count, { tool = 'echo', args = {} } = {}) =>
      Promise.all(Array.from({ length: count }, () => one(tool, args))),
  }
}

async function readAnswer(response: Response): Promise<string> {
  const text = await response.text()
  const code = /"intercept\/decision":\{[^}]*"code":"([a-z_]+)"/.exec(text)?.[1]
  return code ?? (text.includes('"result"') ? 'result' : text)
}

export const numberOf = (of: { arguments?: unknown }) => (of.arguments as { n?: number } | null)?.n ?? -1

/**
 * The promise of the record, after whatever happened: what reached the server is on record, what was refused for want of
 * a record reached nobody, each forwarded call has its outcome, ids are unique, and the chain verifies.
 */
export async function expectPromise(
  gateway: Gateway,
  callers: readonly NumberedCaller[],
): Promise<{ records: DecisionRow[]; report: VerifyReport }> {
  const isWhole = (row: DecisionRow) => (row.effect === 'allow') === (row.outcome !== null)
  await until(async () => (await gateway.decisions()).every(isWhole), 20_000)
  const records = await gateway.decisions()
  const recorded = new Set(records.map(numberOf))
  expect(gateway.calls().filter(call => !recorded.has(numberOf(call)))).toEqual([])
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length)
  const reached = new Set(gateway.calls().map(numberOf))
  const told = callers.flatMap(caller => [...caller.told])
  expect(told.filter(([n, answer]) => answer === 'audit_unavailable' && reached.has(n))).toEqual([])
  expect(told.filter(([n, answer]) => answer === 'result' && !recorded.has(n))).toEqual([])
  return { records, report: await verifyGateway(gateway) }
}

/** What `intercept audit verify` says of the record, with the checkpoints kept outside if any were. */
export async function verifyGateway({ settings, folder }: Gateway): Promise<VerifyReport> {
  const kept = settings.checkpointFile ? readFileSync(settings.checkpointFile, 'utf8').trim().split('\n') : []
  const outside = kept.filter(Boolean).map(line => Checkpoint.parse(JSON.parse(line)))
  const keys = [readPublicKey(readFileSync(path.join(folder, 'audit-public-key.pem'), 'utf8'))]
  return verifyRecord(seedActor, { outside, keys })
}
