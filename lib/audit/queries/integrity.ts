import { z } from 'zod'
import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { database } from '@/lib/db/current'
import { type ProxyState, readProxies } from './proxies'

const Moment = z.coerce.date()
/** What a proxy says in its heartbeat of a place outside. */
const SinkState = z.object({
  name: z.string(),
  waiting: z.number(),
  dropped: z.number(),
  keptAt: Moment.nullable(),
  problem: z.string().nullable(),
})
export type SinkState = z.infer<typeof SinkState>
const Said = z.object({
  unsigned: z.number(),
  sinks: z.array(SinkState),
  stamps: z.object({ stampedAt: Moment.nullable(), problem: z.string().nullable() }).nullable(),
})

export interface ProxyEvidence {
  readonly name: string
  /** `unheard`: it signed, and has not been heard of lately. */
  readonly state: ProxyState | 'unheard'
  /** The newest that Postgres has; null before the first. */
  readonly checkpoint: {
    readonly chain: string
    readonly sequence: number
    readonly time: Date
    readonly key: string
  } | null
  /** Records since it, as the proxy says; null when it does not. */
  readonly unsigned: number | null
  /** Places outside; null when the proxy does not say. */
  readonly sinks: readonly SinkState[] | null
  /** Of the time-stamping authority; null without one. */
  readonly stamps: { readonly stampedAt: Date | null; readonly problem: string | null } | null
}

export interface KeyChange {
  readonly proxy: string
  readonly time: Date
  readonly before: string
  readonly after: string
}

/** The last verification of the live record that somebody ran. */
export interface VerificationView {
  readonly at: Date
  readonly by: string
  readonly isIntact: boolean
  readonly records: number
  /** How many of each kind were found. */
  readonly counts: Readonly<Record<string, number>>
}

export interface IntegrityView {
  readonly proxies: readonly ProxyEvidence[]
  /** Newest first. */
  readonly keyChanges: readonly KeyChange[]
  readonly verification: VerificationView | null
}

const MOST_KEY_CHANGES = 10

/** How far each proxy's chain is signed and kept outside. For who may export the record. @throws Refusal */
export async function readIntegrity(actor: Actor, nowMs = Date.now()): Promise<IntegrityView> {
  authorise(actor, 'record.export')
  const [{ proxies }, said, heads, keyChanges, verification] = await Promise.all([
    readProxies(actor, nowMs),
    readSaid(),
    readHeads(),
    readKeyChanges(),
    readVerification(),
  ])
  const names = [...new Set([...proxies.map(({ name }) => name), ...heads.keys()])]
  return {
    proxies: names.map(name => {
      const own = said.get(name)
      return {
        name,
        state: proxies.find(proxy => proxy.name === name)?.state ?? 'unheard',
        checkpoint: heads.get(name) ?? null,
        unsigned: own?.unsigned ?? null,
        sinks: own?.sinks ?? null,
        stamps: own?.stamps ?? null,
      }
    }),
    keyChanges,
    verification,
  }
}

async function readSaid(): Promise<Map<string, z.infer<typeof Said>>> {
  const rows = await database().sql.query<{ name: string; said: unknown }>(
    "SELECT name, status->'checkpoints' AS said FROM proxies ORDER BY seen_at DESC LIMIT 200",
  )
  return new Map(
    rows.flatMap(({ name, said }) => {
      const { data } = Said.safeParse(said)
      return data ? [[name, data] as const] : []
    }),
  )
}

/** The newest checkpoint of each proxy, one look by index each. */
async function readHeads(): Promise<Map<string, NonNullable<ProxyEvidence['checkpoint']>>> {
  const rows = await database().sql.query<{ proxy: string; chain: string; sequence: string; time: Date; key: string }>(
    `WITH RECURSIVE names AS (
       (SELECT proxy FROM checkpoints ORDER BY proxy LIMIT 1)
       UNION ALL
       SELECT (SELECT c.proxy FROM checkpoints c WHERE c.proxy > names.proxy ORDER BY c.proxy LIMIT 1) FROM names WHERE names.proxy IS NOT NULL
     )
     SELECT h.* FROM names CROSS JOIN LATERAL (SELECT c.proxy, c.chain, c.sequence, c.time, c.key FROM checkpoints c
       WHERE c.proxy = names.proxy ORDER BY c.time DESC LIMIT 1) h LIMIT 200`,
  )
  return new Map(rows.map(({ proxy, sequence, ...rest }) => [proxy, { ...rest, sequence: Number(sequence) }]))
}

async function readKeyChanges(): Promise<KeyChange[]> {
  const rows = await database().sql.query<{ proxy: string; time: Date; key: string; next_key: string }>(
    `SELECT proxy, time, key, next_key FROM checkpoints WHERE next_key IS NOT NULL ORDER BY time DESC LIMIT ${MOST_KEY_CHANGES}`,
  )
  return rows.map(({ proxy, time, key, next_key }) => ({ proxy, time, before: key, after: next_key }))
}

const Verified = z.object({ isIntact: z.boolean(), records: z.number(), counts: z.record(z.string(), z.number()) })

async function readVerification(): Promise<VerificationView | null> {
  const newest = await database().prisma.change.findFirst({
    where: { entity: 'record', entityId: 'record', action: 'record.verify' },
    orderBy: { time: 'desc' },
    select: { time: true, actor: true, after: true },
  })
  const { data } = Verified.safeParse(newest?.after)
  return newest && data ? { at: newest.time, by: newest.actor, ...data } : null
}
