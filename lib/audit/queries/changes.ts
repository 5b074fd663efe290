import { z } from 'zod'
import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import type { Prisma } from '@/lib/db/client'
import { database } from '@/lib/db/current'

/** What was changed, by whom, from where. */
export interface ChangeRow {
  id: string
  time: Date
  actorKind: string
  actor: string
  /** Address, or host of the command line. */
  source: string
  /** `entity.verb` */
  action: string
  entity: string
  entityId: string
  label: string
}

export interface ChangeDetail extends ChangeRow {
  before: unknown
  after: unknown
  newer: string | null
  older: string | null
}

/** One value each, empty for any: `policy`, `policy.publish`, the actor's name. */
export interface ChangeFilter {
  entity?: string | undefined
  action?: string | undefined
  actor?: string | undefined
}

export interface ChangePage {
  rows: ChangeRow[]
  older: string | null
}

const PAGE = 50
const Id = z.uuid()

const listed = {
  id: true,
  time: true,
  actorKind: true,
  actor: true,
  source: true,
  action: true,
  entity: true,
  entityId: true,
  label: true,
} satisfies Prisma.ChangeSelect

/** The change log, newest first. `before` is the id of the last row of the page before. @throws Refusal */
export async function readChanges(
  actor: Actor,
  filter: ChangeFilter,
  { before }: { before?: string | undefined } = {},
): Promise<ChangePage> {
  authorise(actor, 'read')
  const cursor = Id.safeParse(before)
  const edge = cursor.success ? await readPlace(cursor.data) : null
  const rows = await database().prisma.change.findMany({
    where: { ...whereOf(filter), ...(edge ? olderThan(edge) : {}) },
    orderBy: [{ time: 'desc' }, { id: 'desc' }],
    select: listed,
    take: PAGE + 1,
  })
  const shown = rows.slice(0, PAGE)
  return { rows: shown, older: rows.length > PAGE ? (shown.at(-1)?.id ?? null) : null }
}

/** One change with what was and what is, and its neighbours in the list. @throws Refusal `not_found` */
export async function readChange(actor: Actor, id: string, filter: ChangeFilter): Promise<ChangeDetail> {
  authorise(actor, 'read')
  const { prisma } = database()
  const row = Id.safeParse(id).success
    ? await prisma.change.findUnique({ where: { id }, select: { ...listed, before: true, after: true } })
    : null
  if (!row) throw new Refusal('not_found', `No change has the id ${id.slice(0, 64)}.`)
  const [newer, older] = await Promise.all([
    prisma.change.findFirst({
      where: { ...whereOf(filter), ...newerThan(row) },
      orderBy: [{ time: 'asc' }, { id: 'asc' }],
      select: { id: true },
    }),
    prisma.change.findFirst({
      where: { ...whereOf(filter), ...olderThan(row) },
      orderBy: [{ time: 'desc' }, { id: 'desc' }],
      select: { id: true },
    }),
  ])
  return { ...row, newer: newer?.id ?? null, older: older?.id ?? null }
}

function readPlace(id: string): Promise<{ time: Date; id: string } | null> {
  return database().prisma.change.findUnique({ where: { id }, select: { time: true, id: true } })
}

function whereOf({ entity, action, actor }: ChangeFilter): Prisma.ChangeWhereInput {
  return { ...(entity ? { entity } : {}), ...(action ? { action } : {}), ...(actor ? { actor } : {}) }
}

function olderThan({ time, id }: { time: Date; id: string }): Prisma.ChangeWhereInput {
  // The first half alone would do; the second lets the index start at the place.
  return { OR: [{ time: { lt: time } }, { time, id: { lt: id } }], AND: { time: { lte: time } } }
}

function newerThan({ time, id }: { time: Date; id: string }): Prisma.ChangeWhereInput {
  return { OR: [{ time: { gt: time } }, { time, id: { gt: id } }], AND: { time: { gte: time } } }
}
