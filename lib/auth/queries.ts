import { database } from '@/lib/db/current'
import { authorise } from './command'
import type { Actor, Role } from './model'

export interface MemberView {
  id: string
  email: string
  name: string
  roles: Role[]
  disabledAt: Date | null
  createdAt: Date
  /** When one of their sessions last made a request. */
  lastSeenAt: Date | null
}

const LIST_MAX = 500

/** Members by address, at most 500. */
export async function readMembers(actor: Actor): Promise<MemberView[]> {
  authorise(actor, 'member.manage')
  const members = await database().prisma.member.findMany({
    orderBy: { email: 'asc' },
    take: LIST_MAX,
    select: {
      id: true,
      email: true,
      name: true,
      roles: true,
      disabledAt: true,
      createdAt: true,
      sessions: { select: { lastSeenAt: true }, orderBy: { lastSeenAt: 'desc' }, take: 1 },
    },
  })
  return members.map(({ sessions, ...member }) => ({ ...member, lastSeenAt: sessions[0]?.lastSeenAt ?? null }))
}
