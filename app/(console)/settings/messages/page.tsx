import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { LinkButton } from '@/components/ui/button'
import { Empty } from '@/components/ui/empty'
import { Sheet } from '@/components/ui/sheet'
import { TextLink } from '@/components/ui/text-link'
import { Time } from '@/components/ui/time'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { readMessages } from '@/lib/site/queries'
import { orRefused } from '../../or-refused'
import { SettingsTabs } from '../settings-tabs'

export const metadata: Metadata = { title: 'Messages' }

export default async function MessagesPage({ searchParams }: { searchParams: Promise<{ before?: string }> }) {
  const actor = await currentActor()
  if (!can(actor, 'site.read')) notFound()
  const { before } = await searchParams
  const reading = await orRefused(readMessages(actor, before ? { before } : {}))
  if ('refused' in reading) notFound()
  const { rows, next } = reading.read
  return (
    <>
      <PageHead title="Settings" facts="What people wrote on the public pages, newest first" />
      <SettingsTabs value="messages" mayReadSite />
      <PageBody>
        <Sheet>
          {rows.length === 0 ? (
            <Empty title="No message yet">
              <p>
                Messages come from <TextLink href="/contact">Get in touch</TextLink>.
              </p>
            </Empty>
          ) : (
            <ul>
              {rows.map(row => (
                <li key={row.id} className="border-t border-line px-4 py-3 first:border-t-0">
                  <p className="flex flex-wrap items-baseline gap-x-2">
                    <span className="font-label">{row.name}</span>
                    <a
                      href={`mailto:${row.email}`}
                      className="text-xs wrap-anywhere text-accent-ink underline underline-offset-3"
                    >
                      {row.email}
                    </a>
                    <span className="ml-auto text-xs text-ink-3">
                      <Time at={row.createdAt} />
                    </span>
                  </p>
                  <p className="mt-1 max-w-measure wrap-anywhere whitespace-pre-wrap text-ink-2">{row.message}</p>
                </li>
              ))}
            </ul>
          )}
        </Sheet>
        {next ? (
          <p className="mt-3">
            <LinkButton href={`/settings/messages?before=${next}`} icon="down" size="small">
              Older
            </LinkButton>
          </p>
        ) : null}
      </PageBody>
    </>
  )
}
