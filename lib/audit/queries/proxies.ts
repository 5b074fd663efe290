import { z } from 'zod'
import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { database } from '@/lib/db/current'

/** What a proxy says of itself in a heartbeat, all of it optional: proxies of several versions may run. */
const ProxyStatus = z
  .object({
    /** Bytes of records that are not in Postgres yet. */
    spoolBytes: z.number().optional().catch(undefined),
    /** Age of the oldest of them. */
    shippedLagMs: z.number().optional().catch(undefined),
    /** Decisions and outcomes since its start that could not be recorded. */
    auditGap: z.number().optional().catch(undefined),
    /** Records since its start that Postgres refused; each is whole in quarantine. */
    quarantined: z.number().optional().catch(undefined),
    /** Lines of its spool that cannot be read. */
    damagedLines: z.number().optional().catch(undefined),
    /** What it adds to a call before forwarding it, over the latest decisions; 0 when there were none. */
    addedP50Ms: z.number().optional().catch(undefined),
    addedP99Ms: z.number().optional().catch(undefined),
    sessions: z.number().optional().catch(undefined),
  })
  .catch({})
export type ProxyStatus = z.infer<typeof ProxyStatus>

/** `late`: no heartbeat for a while and no word of stopping. */
export type ProxyState = 'running' | 'late' | 'stopped'

export interface ProxyView {
  name: string
  version: string
  state: ProxyState
  startedAt: Date
  seenAt: Date
  stoppedAt: Date | null
  /** The bundle in force there; null before the first. */
  revision: number | null
  activatedAt: Date | null
  /** Whether that is the newest bundle. */
  agrees: boolean
  status: ProxyStatus
}

export interface ProxiesView {
  /** Newest bundle; null while nothing was published. */
  revision: number | null
  publishedAt: Date | null
  publishedBy: string | null
  proxies: ProxyView[]
}

/** What went wrong with the record at one proxy that has not stopped, since its start. One of the counts is not 0. */
export interface ProxyAlarm {
  proxy: string
  /** Could not be recorded. */
  auditGap: number
  /** Recorded, but refused by Postgres. */
  quarantined: number
  /** Recorded, but the disk gave back something else. */
  damagedLines: number
}

/** The strip at the foot of every page: what is in force, and whether all agree on it. */
export interface StripView {
  revision: number | null
  /** Running proxies, and how many of them put that revision in force. */
  proxies: number
  agreeing: number
  /** Proxies that fell silent without a word of stopping. */
  late: number
  /** When the last running proxy put it in force; null while some have not. */
  activatedAt: Date | null
  /** Bytes of records that running proxies hold and Postgres does not have yet. */
  spoolBytes: number
  /** Age of the oldest of those in milliseconds, the largest over proxies; null where none says. */
  shipLagMs: number | null
  /** Denials that could not be recorded, over running proxies. */
  auditGap: number
  alarms: ProxyAlarm[]
  /** What a decision adds to a call lately, in milliseconds: the worst of the proxies; null without calls. */
  addedMs: { p50: number; p99: number } | null
}

/** A proxy beats every few seconds; after this long without one it is late. */
const LATE_AFTER_MS = 30_000
/** A proxy that was heard longer ago than this is history and no longer listed. */
const FORGOTTEN_AFTER_MS = 7 * 86_400_000
const MOST_PROXIES = 200

/** Every proxy heard of lately, running ones first. @throws Refusal */
export async function readProxies(actor: Actor, nowMs = Date.now()): Promise<ProxiesView> {
  authorise(actor, 'read')
  const { prisma } = database()
  const [newest, proxies] = await Promise.all([
    prisma.bundle.findFirst({
      orderBy: { number: 'desc' },
      select: { number: true, revision: { select: { publishedAt: true, publishedBy: true } } },
    }),
    prisma.proxy.findMany({
      where: { seenAt: { gt: new Date(nowMs - FORGOTTEN_AFTER_MS) } },
      orderBy: { seenAt: 'desc' },
      take: MOST_PROXIES,
    }),
  ])
  const views = proxies.map(
    ({ revision, status, ...rest }): ProxyView => ({
      ...rest,
      revision: revision === null ? null : Number(revision),
      state: stateOf(rest, nowMs),
      agrees: newest !== null && revision === newest.number,
      status: ProxyStatus.parse(status),
    }),
  )
  const order: Record<ProxyState, number> = { running: 0, late: 1, stopped: 2 }
  return {
    revision: newest ? Number(newest.number) : null,
    publishedAt: newest?.revision.publishedAt ?? null,
    publishedBy: newest?.revision.publishedBy ?? null,
    proxies: views.sort((a, b) => order[a.state] - order[b.state] || a.name.localeCompare(b.name)),
  }
}

/** What the strip says. @throws Refusal */
export async function readStrip(actor: Actor, nowMs = Date.now()): Promise<StripView> {
  const { revision, proxies } = await readProxies(actor, nowMs)
  const running = proxies.filter(proxy => proxy.state === 'running')
  const agreeing = running.filter(proxy => proxy.agrees)
  const activations = agreeing.flatMap(proxy => (proxy.activatedAt ? [proxy.activatedAt.getTime()] : []))
  const isAgreed = agreeing.length === running.length && activations.length > 0
  const numbers = (read: (status: ProxyStatus) => number | undefined) =>
    running.flatMap(({ status }) => read(status) ?? [])
  const p50 = largest(numbers(status => status.addedP50Ms || undefined))
  const p99 = largest(numbers(status => status.addedP99Ms || undefined))
  return {
    revision,
    proxies: running.length,
    agreeing: agreeing.length,
    late: proxies.filter(proxy => proxy.state === 'late').length,
    activatedAt: isAgreed ? new Date(Math.max(...activations)) : null,
    spoolBytes: sum(numbers(status => status.spoolBytes)),
    shipLagMs: largest(numbers(status => status.shippedLagMs)),
    auditGap: sum(numbers(status => status.auditGap)),
    alarms: proxies.flatMap(alarmOf),
    addedMs: p50 === null || p99 === null ? null : { p50, p99 },
  }
}

function alarmOf({ name, state, status }: ProxyView): ProxyAlarm[] {
  const { auditGap = 0, quarantined = 0, damagedLines = 0 } = status
  const isQuiet = state === 'stopped' || auditGap + quarantined + damagedLines === 0
  return isQuiet ? [] : [{ proxy: name, auditGap, quarantined, damagedLines }]
}

const largest = (values: readonly number[]) => (values.length === 0 ? null : Math.max(...values))
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

function stateOf(proxy: { seenAt: Date; stoppedAt: Date | null }, nowMs: number): ProxyState {
  if (proxy.stoppedAt !== null) return 'stopped'
  return nowMs - proxy.seenAt.getTime() > LATE_AFTER_MS ? 'late' : 'running'
}
