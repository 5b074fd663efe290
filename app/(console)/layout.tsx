import type { ReactNode } from 'react'
import { AccountMenu } from '@/components/shell/account-menu'
import { LiveStrip } from '@/components/shell/live-strip'
import { MobileBar } from '@/components/shell/mobile-bar'
import { Rail } from '@/components/shell/rail'
import { RecordAlarms } from '@/components/shell/record-alarms'
import { SkipLink } from '@/components/shell/skip-link'
import { readTheme } from '@/components/shell/theme'
import { TopBar } from '@/components/shell/top-bar'
import { ToastProvider } from '@/components/ui/toast'
import { currentMember } from '@/lib/auth/current-user'
import { signOutAction } from '../(account)/sign-out/actions'
import { askStrip } from './actions'

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const { name, email, roles } = await currentMember()
  const [theme, strip] = await Promise.all([readTheme(), askStrip()])
  const account = <AccountMenu name={name} email={email} roles={roles} theme={theme} signOut={signOutAction} />
  return (
    <ToastProvider>
      <SkipLink />
      <div className="grid min-h-dvh grid-cols-[minmax(0,1fr)] grid-rows-[var(--bar)_1fr_var(--strip)] md:grid-cols-[var(--rail)_minmax(0,1fr)]">
        <Rail account={account} />
        <MobileBar account={account} />
        <TopBar />
        <main id="content" tabIndex={-1} className="flex min-w-0 flex-col outline-none">
          {strip.state === 'known' ? <RecordAlarms alarms={strip.view.alarms} /> : null}
          {children}
        </main>
        <LiveStrip first={strip} ask={askStrip} />
      </div>
    </ToastProvider>
  )
}
