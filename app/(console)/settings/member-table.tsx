import { Table, Td, Th, Tr } from '@/components/ui/table'
import { Tag } from '@/components/ui/tag'
import { Instant, Time } from '@/components/ui/time'
import type { MemberView } from '@/lib/auth/queries'
import { MemberActs } from './member-acts'
import { roleWords } from './roles'

/** Who may sign in. Only owners act on owners, and nobody disables themselves. */
export function MemberTable({
  members,
  self,
  mayOwn,
}: {
  members: readonly MemberView[]
  self: string | null
  mayOwn: boolean
}) {
  return (
    <Table tall>
      <thead className="max-md:sr-only">
        <tr>
          <Th>Member</Th>
          <Th className="max-md:hidden">Roles</Th>
          <Th className="max-md:hidden">Last seen</Th>
          <Th className="max-md:hidden">Added</Th>
          <Th>
            <span className="sr-only">Acts</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {members.map(member => (
          <Tr key={member.id}>
            <Td className="py-1.5 whitespace-normal!">
              <span className="flex flex-wrap items-center gap-x-2 font-label">
                {member.name}
                {member.id === self ? <span className="text-xs font-text text-ink-3">you</span> : null}
                {member.disabledAt ? <Tag tone="warn">Disabled</Tag> : null}
              </span>
              <span className="block text-xs wrap-anywhere text-ink-2">{member.email}</span>
              <span className="mt-1 block md:hidden">
                <Roles roles={member.roles} />
              </span>
            </Td>
            <Td className="whitespace-normal! max-md:hidden">
              <Roles roles={member.roles} />
            </Td>
            <Td className="text-ink-2 max-md:hidden">
              {member.lastSeenAt ? <Time at={member.lastSeenAt} /> : 'Never signed in'}
            </Td>
            <Td className="text-ink-2 max-md:hidden">
              <Instant at={member.createdAt} show="day" />
            </Td>
            <Td end>
              {member.id !== self && (mayOwn || !member.roles.includes('owner')) ? (
                <MemberActs email={member.email} isDisabled={member.disabledAt !== null} />
              ) : null}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

function Roles({ roles }: { roles: MemberView['roles'] }) {
  return (
    <span className="inline-flex flex-wrap gap-1">
      {roles.map(role => (
        <span key={role} title={roleWords[role]}>
          <Tag tone={role === 'owner' ? 'solid' : 'plain'}>{role}</Tag>
        </span>
      ))}
    </span>
  )
}
