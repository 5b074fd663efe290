import { z } from 'zod'
import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { parseInput } from '@/lib/auth/refusal'
import { database } from '@/lib/db/current'

/** One request for early access, as owners read it. */
export interface EarlyAccessView {
  id: string
  email: string
  company: string
  /** What they run. */
  stack: string
  note: string
  createdAt: Date
}

/** One message of *Get in touch*. */
export interface MessageView {
  id: string
  email: string
  name: string
  message: string
  createdAt: Date
}

/** Newest first; `next` is the `before` of the page after this one, or null. */
export interface SitePage<Row> {
  rows: Row[]
  next: string | null
}

const pageSize = 50

const PageFilter = z.object({
  before: z.uuid('This page of the list does not exist. Start from the newest.').optional(),
})

// Ids are UUIDv7, so their order is the order of arrival.
const slice = (before: string | undefined) => ({
  ...(before ? { where: { id: { lt: before } } } : {}),
  orderBy: { id: 'desc' as const },
  take: pageSize + 1,
})

function page<Row extends { id: string }>(found: Row[]): SitePage<Row> {
  const rows = found.slice(0, pageSize)
  return { rows, next: found.length > pageSize ? (rows.at(-1)?.id ?? null) : null }
}

/** The early-access queue. @throws Refusal */
export async function readEarlyAccess(actor: Actor, filter: unknown = {}): Promise<SitePage<EarlyAccessView>> {
  authorise(actor, 'site.read')
  const { before } = parseInput(PageFilter, filter)
  return page(await database().prisma.earlyAccessRequest.findMany(slice(before)))
}

/** What people wrote by *Get in touch*. @throws Refusal */
export async function readMessages(actor: Actor, filter: unknown = {}): Promise<SitePage<MessageView>> {
  authorise(actor, 'site.read')
  const { before } = parseInput(PageFilter, filter)
  return page(await database().prisma.contactMessage.findMany(slice(before)))
}
