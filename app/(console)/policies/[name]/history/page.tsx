import type { Metadata } from 'next'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { LinkButton } from '@/components/ui/button'
import { Empty } from '@/components/ui/empty'
import { RuleCite } from '@/components/ui/rule-cite'
import { Sheet } from '@/components/ui/sheet'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { Tag } from '@/components/ui/tag'
import { Instant, Time } from '@/components/ui/time'
import { currentActor } from '@/lib/auth/current-user'
import { readPolicy } from '@/lib/policy-store/queries'
import { orNotFound } from '../../../or-not-found'

interface Address {
  params: Promise<{ name: string }>
}

/** How many revisions the query gives at most. */
const MOST = 100

export async function generateMetadata({ params }: Address): Promise<Metadata> {
  return { title: `History of ${decodeURIComponent((await params).name)}` }
}

export default async function HistoryPage({ params }: Address) {
  const actor = await currentActor()
  const { name, revisions, revision } = await orNotFound(readPolicy(actor, decodeURIComponent((await params).name)))
  const address = `/policies/${name}`
  return (
    <>
      <PageHead
        title={`History of ${name}`}
        facts={
          revisions.length === MOST
            ? `The newest ${MOST} revisions`
            : revisions.length === 1
              ? '1 revision'
              : `${revisions.length} revisions`
        }
        tools={
          <LinkButton href={address} icon="policies">
            Open the text
          </LinkButton>
        }
      />
      <PageBody>
        <Sheet>
          {revisions.length === 0 ? (
            <Empty title="Never published">
              <p>Each publishing makes a revision that never changes. The first one will stand here.</p>
            </Empty>
          ) : (
            <Table>
              <thead>
                <tr>
                  <Th>Revision</Th>
                  <Th>Note</Th>
                  <Th className="max-md:hidden">Published by</Th>
                  <Th className="max-md:hidden">When</Th>
                  <Th className="max-md:hidden">UTC</Th>
                </tr>
              </thead>
              <tbody>
                {revisions.map(row => (
                  <Tr key={row.number}>
                    <Td>
                      <span className="inline-flex items-center gap-2">
                        <RuleCite href={`${address}/history/${row.number}`}>r{row.number}</RuleCite>
                        {row.number === revision?.number ? <Tag>In force</Tag> : null}
                      </span>
                    </Td>
                    <Td className="w-full py-2 whitespace-normal!">
                      {row.note || <span className="text-ink-3">No note</span>}
                      <span className="block text-xs text-ink-3 md:hidden">
                        <Time at={row.publishedAt} /> by {row.publishedBy}
                      </span>
                    </Td>
                    <Td className="max-md:hidden">{row.publishedBy}</Td>
                    <Td className="text-ink-2 max-md:hidden">
                      <Time at={row.publishedAt} />
                    </Td>
                    <Td className="text-ink-3 max-md:hidden">
                      <Instant at={row.publishedAt} />
                    </Td>
                  </Tr>
                ))}
              </tbody>
            </Table>
          )}
        </Sheet>
      </PageBody>
    </>
  )
}
