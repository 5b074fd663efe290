import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordFilter } from '@/lib/audit/filter/model'
import { type DecisionRow, readDecisions } from '@/lib/audit/queries'
import type { Actor } from '@/lib/auth/model'
import { closeDatabase } from '@/lib/db/current'
import { thisActor } from '../output'
import { BadInput, runAction } from '../policy/bad-input'
import { filterOf, type NarrowedOptions } from './narrowed'
import { writeOut } from './write-out'

interface Options extends NarrowedOptions {
  readonly lines: string
  readonly json?: boolean
}

const LOOK_EVERY_MS = 1_000
const PAGE = 200
/** Proxies ship at their own pace: a record this much older than the newest one is still printed when it comes. */
const LATE_MS = 30_000
const MOST_REMEMBERED = 20_000

/** `intercept audit tail`. */
export async function tail(options: Options): Promise<void> {
  await runAction(async () => {
    const count = Number(options.lines)
    if (!Number.isInteger(count) || count < 0 || count > PAGE)
      throw new BadInput(`--lines is a whole number from 0 to ${PAGE}.`)
    const filter = filterOf(options)
    const stopping = new AbortController()
    process.once('SIGINT', () => stopping.abort())
    process.once('SIGTERM', () => stopping.abort())
    const write = options.json ? (row: DecisionRow) => `${JSON.stringify(row)}\n` : sayRow
    try {
      await writeOut(follow(await thisActor(), filter, count, write, stopping.signal))
    } finally {
      await closeDatabase()
    }
    return 0
  })
}

/** Rows as text, oldest first: `count` that are there, then those that come. */
export async function* follow(
  actor: Actor,
  filter: RecordFilter,
  count: number,
  write: (row: DecisionRow) => string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const first = (await readDecisions(actor, filter, { limit: PAGE })).rows
  const seen = new Map(first.map(row => [row.id, row.time.getTime()]))
  let sinceMs = Math.max(0, ...first.map(row => row.time.getTime()))
  yield first.slice(0, count).reverse().map(write).join('')
  while (!signal.aborted) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const fresh = (await readSince(actor, filter, sinceMs - LATE_MS)).filter(row => !seen.has(row.id))
    for (const row of fresh) seen.set(row.id, row.time.getTime())
    sinceMs = Math.max(sinceMs, ...fresh.map(row => row.time.getTime()))
    if (seen.size > MOST_REMEMBERED) for (const [id, atMs] of seen) if (atMs < sinceMs - LATE_MS) seen.delete(id)
    if (fresh.length > 0) yield fresh.reverse().map(write).join('')
  }
}

/** Newest first, back to a time. */
async function readSince(actor: Actor, filter: RecordFilter, fromMs: number): Promise<DecisionRow[]> {
  const range = { from: new Date(fromMs), to: new Date(Date.now() + LATE_MS) }
  const rows: DecisionRow[] = []
  let before: string | undefined
  do {
    const page = await readDecisions(actor, { ...filter, range }, { limit: PAGE, before })
    rows.push(...page.rows)
    before = page.older ?? undefined
  } while (before !== undefined && rows.length < MOST_REMEMBERED)
  return rows
}

function sayRow({ time, effect, code, identity, server, tool, method, rule }: DecisionRow): string {
  const why = effect === 'allow' ? '' : `  ${code ?? ''}${rule ? ` (${rule})` : ''}`
  const at = time.toISOString().slice(0, 23).replace('T', ' ')
  return `${at}Z  ${effect.padEnd(16)}  ${identity ?? '–'}  ${server}  ${tool ?? method}${why}\n`
}
