import type { Metadata } from 'next'
import { Note } from '@/components/ui/note'
import { TextLink } from '@/components/ui/text-link'
import { isLinkLive } from '@/lib/auth/links'
import { PageHead } from '../page-head'
import { SetUpForm } from './set-up-form'

export const metadata: Metadata = { title: 'First owner' }

export default async function SetUpPage({ searchParams }: { searchParams: Promise<{ token?: string | string[] }> }) {
  const { token } = await searchParams
  if (typeof token !== 'string' || !(await isLinkLive('first_owner', token))) return <VoidLink />
  return (
    <>
      <PageHead title="Create the first owner">
        The owner may do everything here. This link works once, until an hour after it was printed.
      </PageHead>
      <SetUpForm token={token} />
    </>
  )
}

function VoidLink() {
  return (
    <>
      <PageHead title="This link is void" />
      <Note tone="warn">
        <p>It was used, is older than one hour, or an owner exists by now.</p>
        <p className="mt-2">
          With an owner, <TextLink href="/sign-in">sign in</TextLink>. Without one, restart Intercept: it prints a new
          link.
        </p>
      </Note>
    </>
  )
}
