import { Tabs } from '@/components/ui/tabs'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'

/** The parts of the settings; what people sent to the public pages is for owners, integrity for who may export the record. */
export async function SettingsTabs({ value, mayReadSite }: { value: string; mayReadSite: boolean }) {
  const mayVerify = can(await currentActor(), 'record.export')
  return (
    <Tabs
      label="Settings"
      value={value}
      className="mb-4"
      tabs={[
        { key: 'members', label: 'Members', href: '/settings' },
        { key: 'sinks', label: 'Sinks', href: '/settings/sinks' },
        ...(mayVerify ? [{ key: 'integrity', label: 'Integrity', href: '/settings/integrity' }] : []),
        ...(mayReadSite
          ? [
              { key: 'early-access', label: 'Early access', href: '/settings/early-access' },
              { key: 'messages', label: 'Messages', href: '/settings/messages' },
            ]
          : []),
      ]}
    />
  )
}
