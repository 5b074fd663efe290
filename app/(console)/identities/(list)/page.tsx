import type { Metadata } from 'next'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { LinkButton } from '@/components/ui/button'
import { CategoryBits } from '@/components/ui/category-letter'
import { Empty } from '@/components/ui/empty'
import { Input } from '@/components/ui/input'
import { Sheet } from '@/components/ui/sheet'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { Tag } from '@/components/ui/tag'
import { TextLink } from '@/components/ui/text-link'
import { Time } from '@/components/ui/time'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { readServer } from '@/lib/catalogue/queries'
import { type IdentityRow, readGrants, readIdentities } from '@/lib/identity/queries'
import { KindIcon, kindWords } from '../identity-kind'
import { permissionBits, type ServerBits } from '../permission-bits'

export const metadata: Metadata = { title: 'Identities' }

/** Servers whose letters are shown; grants on further ones show their name. */
const MOST_SERVERS = 20

interface Address {
  searchParams: Promise<{ search?: string; after?: string }>
}

export default async function IdentitiesPage({ searchParams }: Address) {
  const actor = await currentActor()
  const { search = '', after = '' } = await searchParams
  const [{ identities, next }, grants] = await Promise.all([
    readIdentities(actor, { search, after }),
    readGrants(actor),
  ])
  const live = grants.filter(grant => grant.state === 'live')
  const slugs = [...new Set(live.map(grant => grant.server))].slice(0, MOST_SERVERS)
  const servers = await Promise.all(slugs.map(slug => readServer(actor, slug)))
  const bitsOf = (name: string) =>
    permissionBits(
      live.filter(grant => grant.identity === name),
      servers,
    )
  const mayManage = can(actor, 'identity.manage')
  return (
    <>
      <PageHead
        title="Identities"
        facts="Who calls through the proxy: agents, services and people, each with keys and grants of its own"
        tools={
          mayManage ? (
            <LinkButton href="/identities/new" icon="plus" kind="ink">
              Add identity
            </LinkButton>
          ) : null
        }
      />
      <PageBody>
        <search className="mb-3 block max-w-80">
          <form>
            <Input
              type="search"
              name="search"
              aria-label="Find an identity"
              placeholder="Find by name"
              defaultValue={search}
            />
          </form>
        </search>
        <Sheet>
          {identities.length > 0 ? (
            <IdentityTable identities={identities} bitsOf={bitsOf} />
          ) : search ? (
            <Empty
              title={`No identity has “${search}” in its name`}
              actions={<LinkButton href="/identities">Show all</LinkButton>}
            />
          ) : (
            <Empty title="No identity yet">
              <p>
                An identity is who an agent calls as. It gets keys to call with and grants that say which tools. The
                first one comes from <code className="literal">intercept identity add NAME</code>
                {mayManage ? ' or the button above.' : ', by an admin.'}
              </p>
            </Empty>
          )}
        </Sheet>
        {next ? (
          <p className="mt-3">
            <LinkButton href={`/identities?${new URLSearchParams({ search, after: next })}`} icon="down" size="small">
              More
            </LinkButton>
          </p>
        ) : null}
      </PageBody>
    </>
  )
}

function IdentityTable({
  identities,
  bitsOf,
}: {
  identities: readonly IdentityRow[]
  bitsOf: (name: string) => ServerBits[]
}) {
  return (
    <Table>
      <thead>
        <tr>
          <Th>Identity</Th>
          <Th>May, by grants</Th>
          <Th end className="max-md:hidden">
            Keys
          </Th>
          <Th className="max-md:hidden">Last call</Th>
          <Th className="max-md:hidden">Steward</Th>
        </tr>
      </thead>
      <tbody>
        {identities.map(identity => (
          <Tr key={identity.id}>
            <Td>
              <span className="flex items-center gap-2">
                <KindIcon kind={identity.kind} className="text-ink-3" />
                <TextLink href={`/identities/${encodeURIComponent(identity.name)}`} className="font-label text-ink!">
                  {identity.name}
                </TextLink>
                <span className="text-xs text-ink-3 max-md:hidden">{kindWords[identity.kind]}</span>
                {identity.disabledAt ? <Tag tone="warn">Disabled</Tag> : null}
              </span>
            </Td>
            <Td className="py-1.5">
              <Bits bits={bitsOf(identity.name)} />
            </Td>
            <Td end className="max-md:hidden">
              {identity.liveKeys}
            </Td>
            <Td className="text-ink-2 max-md:hidden">
              {identity.lastUsedAt ? <Time at={identity.lastUsedAt} /> : 'Never called'}
            </Td>
            <Td className="text-ink-2 max-md:hidden">{identity.steward ?? 'Nobody'}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

function Bits({ bits }: { bits: readonly ServerBits[] }) {
  if (bits.length === 0) return <span className="text-xs text-ink-3">No grant</span>
  return (
    <span className="flex flex-wrap gap-x-5 gap-y-1">
      {bits.map(({ server, categories }) => (
        <span key={server} className="inline-flex items-center gap-2">
          <span className="font-mono text-xs text-ink-2">{server}</span>
          <CategoryBits categories={categories} />
        </span>
      ))}
    </span>
  )
}
