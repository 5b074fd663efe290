import type { Metadata } from 'next'
import { Note } from '@/components/ui/note'
import { isLinkLive } from '@/lib/auth/links'
import { PageHead } from '../page-head'
import { ResetForm } from './reset-form'

export const metadata: Metadata = { title: 'New password' }

export default async function ResetPage({ searchParams }: { searchParams: Promise<{ token?: string | string[] }> }) {
  const { token } = await searchParams
  if (typeof token !== 'string' || !(await isLinkLive('reset_password', token))) return <VoidLink />
  return (
    <>
      <PageHead title="Choose a new password">
        It ends every session you have. This link works once, until an hour after it was made.
      </PageHead>
      <ResetForm token={token} />
    </>
  )
}

function VoidLink() {
  return (
    <>
      <PageHead title="This link is void" />
      <Note tone="warn">
        It was used, replaced by a newer one, or is older than one hour. Ask an owner for a new one, or run{' '}
        <code className="font-mono text-xs">intercept user reset EMAIL</code> on the host.
      </Note>
    </>
  )
}
