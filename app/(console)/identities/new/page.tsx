import type { Metadata } from 'next'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { Note } from '@/components/ui/note'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { NewIdentityForm } from './new-identity-form'

export const metadata: Metadata = { title: 'Add an identity' }

export default async function NewIdentityPage() {
  const actor = await currentActor()
  return (
    <>
      <PageHead title="Add an identity" facts="It may call nothing until it has a key and a grant." />
      <PageBody form>
        {can(actor, 'identity.manage') ? (
          <NewIdentityForm />
        ) : (
          <Note>Adding identities is for admins. Ask one, or an owner for the role.</Note>
        )}
      </PageBody>
    </>
  )
}
