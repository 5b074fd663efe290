import { Tabs } from '@/components/ui/tabs'

/** The parts of the settings; what people sent to the public pages is for owners. */
export function SettingsTabs({ value, mayReadSite }: { value: string; mayReadSite: boolean }) {
  return (
    <Tabs
      label="Settings"
      value={value}
      className="mb-4"
      tabs={[
        { key: 'members', label: 'Members', href: '/settings' },
        { key: 'sinks', label: 'Sinks', href: '/settings/sinks' },
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
