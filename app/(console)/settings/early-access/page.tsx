import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { LinkButton } from '@/components/ui/button'
import { Empty } from '@/components/ui/empty'
import { Sheet } from '@/components/ui/sheet'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { TextLink } from '@/components/ui/text-link'
import { Time } from '@/components/ui/time'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { readEarlyAccess } from '@/lib/site/queries'
import { orRefused } from '../../or-refused'
import { SettingsTabs } from '../settings-tabs'

export const metadata: Metadata = { title: 'Early access' }

export default async function EarlyAccessPage({ searchParams }: { searchParams: Promise<{ before?: string }> }) {
  const actor = await currentActor()
  if (!can(actor, 'site.read')) notFound()
  const { before } = await searchParams
  const reading = await orRefused(readEarlyAccess(actor, before ? { before } : {}))
  if ('refused' in reading) notFound()
  const { rows, next } = reading.read
  return (
    <>
      <PageHead title="Settings" facts="Who asked for early access on the public pages, newest first" />
      <SettingsTabs value="early-access" mayReadSite />
      <PageBody>
        <Sheet>
          {rows.length === 0 ? (
            <Empty title="Nobody asked yet">
              <p>
                Requests come from the form on the <TextLink href="/#early">public page</TextLink>.
              </p>
            </Empty>
          ) : (
            <Table tall>
              <thead className="max-md:sr-only">
                <tr>
                  <Th>Who</Th>
                  <Th className="max-md:hidden">What they run</Th>
                  <Th className="max-md:hidden">Note</Th>
                  <Th>When</Th>
                </tr>
              </thead>
              <tbody>
                {rows.map(row => (
                  <Tr key={row.id}>
                    <Td className="py-2 align-top whitespace-normal!">
                      <span className="font-label">{row.company}</span>
                      <a
                        href={`mailto:${row.email}`}
                        className="block text-xs wrap-anywhere text-accent-ink hover:underline"
                      >
                        {row.email}
                      </a>
                      <span className="block text-xs wrap-anywhere text-ink-2 md:hidden">
                        {row.stack} {row.note}
                      </span>
                    </Td>
                    <Td className="w-1/4 py-2 align-top wrap-anywhere whitespace-normal! text-ink-2 max-md:hidden">
                      {row.stack}
                    </Td>
                    <Td className="w-1/3 py-2 align-top wrap-anywhere whitespace-normal! text-ink-2 max-md:hidden">
                      {row.note || <span className="text-ink-3">None</span>}
                    </Td>
                    <Td className="py-2 align-top text-ink-2">
                      <Time at={row.createdAt} />
                    </Td>
                  </Tr>
                ))}
              </tbody>
            </Table>
          )}
        </Sheet>
        {next ? (
          <p className="mt-3">
            <LinkButton href={`/settings/early-access?before=${next}`} icon="down" size="small">
              Older
            </LinkButton>
          </p>
        ) : null}
      </PageBody>
    </>
  )
}
