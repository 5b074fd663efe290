import type { Metadata } from 'next'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { readTheme } from '@/components/shell/theme'
import { Band, Sheet } from '@/components/ui/sheet'
import { Tag } from '@/components/ui/tag'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { readMembers } from '@/lib/auth/queries'
import { AddMember } from './add-member'
import { MemberTable } from './member-table'
import { SettingsTabs } from './settings-tabs'
import { ThemeForm } from './theme-form'

export const metadata: Metadata = { title: 'Settings' }

export default async function SettingsPage() {
  const actor = await currentActor()
  const mayManage = can(actor, 'member.manage')
  const [members, theme] = await Promise.all([mayManage ? readMembers(actor) : null, readTheme()])
  const mayOwn = can(actor, 'owner.manage')
  return (
    <>
      <PageHead
        title="Settings"
        facts={
          <span className="inline-flex flex-wrap items-center gap-2">
            {actor.name}
            {actor.roles.map(role => (
              <Tag key={role}>{role}</Tag>
            ))}
          </span>
        }
      />
      <SettingsTabs value="members" mayReadSite={can(actor, 'site.read')} />
      <PageBody>
        <div className="flex flex-col gap-4">
          {members ? (
            <Sheet>
              <Band title="Members">
                <span className="text-xs text-ink-3">who may sign in here, and what each may do</span>
                <span className="ml-auto">
                  <AddMember mayOwn={mayOwn} />
                </span>
              </Band>
              <MemberTable members={members} self={actor.id} mayOwn={mayOwn} />
            </Sheet>
          ) : null}
          <Sheet>
            <Band title="Theme">
              <span className="text-xs text-ink-3">of this browser</span>
            </Band>
            <div className="px-4 py-3">
              <ThemeForm theme={theme} />
            </div>
          </Sheet>
        </div>
      </PageBody>
    </>
  )
}
