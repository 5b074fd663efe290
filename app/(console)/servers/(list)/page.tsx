import type { Metadata } from 'next'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { LinkButton } from '@/components/ui/button'
import { Empty } from '@/components/ui/empty'
import { RuleCite } from '@/components/ui/rule-cite'
import { Sheet } from '@/components/ui/sheet'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { Tag } from '@/components/ui/tag'
import { TextLink } from '@/components/ui/text-link'
import { Time } from '@/components/ui/time'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { readServers, type ServerRow } from '@/lib/catalogue/queries'
import { RiskCounts } from '../risk-counts'

export const metadata: Metadata = { title: 'Servers' }

export default async function ServersPage() {
  const actor = await currentActor()
  const servers = await readServers(actor)
  const mayManage = can(actor, 'server.manage')
  const open = servers.reduce((sum, server) => sum + server.waiting + server.drifted, 0)
  return (
    <>
      <PageHead
        title="Servers"
        facts={
          <>
            {servers.length === 1 ? '1 server' : `${servers.length} servers`} behind the proxy
            {open > 0 ? `, ${open === 1 ? '1 definition waits' : `${open} definitions wait`} for approval` : ''}
          </>
        }
        tools={
          mayManage ? (
            <LinkButton href="/servers/new" icon="plus" kind="ink">
              Add server
            </LinkButton>
          ) : null
        }
      />
      <PageBody>
        <Sheet>{servers.length === 0 ? <NoServer mayManage={mayManage} /> : <ServerTable servers={servers} />}</Sheet>
      </PageBody>
    </>
  )
}

function NoServer({ mayManage }: { mayManage: boolean }) {
  return (
    <Empty
      title="No server yet"
      actions={
        mayManage ? (
          <LinkButton href="/servers/new" icon="plus" kind="ink">
            Add server
          </LinkButton>
        ) : null
      }
    >
      <p>
        A server is an MCP server that agents reach through the proxy, by a command or an address.
        {mayManage ? ' Add one here or with' : ' An admin adds one here or with'}{' '}
        <code className="literal">intercept server add</code>.
      </p>
    </Empty>
  )
}

function ServerTable({ servers }: { servers: readonly ServerRow[] }) {
  return (
    <Table tall>
      <thead>
        <tr>
          <Th>Server</Th>
          <Th className="max-md:hidden">Transport</Th>
          <Th>Tools</Th>
          <Th className="max-md:hidden">Definitions</Th>
          <Th>Policy</Th>
          <Th className="max-md:hidden">Scanned</Th>
        </tr>
      </thead>
      <tbody>
        {servers.map(server => (
          <Tr key={server.id}>
            <Td>
              <TextLink href={`/servers/${server.slug}`} className="font-mono text-xs font-label text-ink!">
                {server.slug}
              </TextLink>
              <span className="block text-xs text-ink-3 max-md:hidden">
                {server.registryName ?? (server.title === server.slug ? null : server.title)}
              </span>
              <span className="block md:hidden">
                <DefinitionState server={server} />
              </span>
            </Td>
            <Td className="text-ink-2 max-md:hidden">{server.transport === 'stdio' ? 'Command' : 'HTTP'}</Td>
            <Td>
              <RiskCounts byRisk={server.byRisk} />
            </Td>
            <Td className="max-md:hidden">
              <DefinitionState server={server} />
            </Td>
            <Td>
              <PolicyCell server={server} />
            </Td>
            <Td className="text-ink-2 max-md:hidden">
              {server.scannedAt ? <Time at={server.scannedAt} /> : 'Never scanned'}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

function DefinitionState({ server: { drifted, waiting, missing, tools } }: { server: ServerRow }) {
  if (drifted + waiting + missing === 0)
    return <span className="text-xs text-ink-3">{tools === 0 ? 'None seen' : 'All approved'}</span>
  return (
    <span className="inline-flex flex-wrap gap-1">
      {drifted > 0 ? <Tag tone="warn">{drifted} drifted</Tag> : null}
      {waiting > 0 ? <Tag tone="warn">{waiting} not approved</Tag> : null}
      {missing > 0 ? <Tag>{missing} missing</Tag> : null}
    </span>
  )
}

function PolicyCell({ server: { policy } }: { server: ServerRow }) {
  if (!policy) return <Tag tone="warn">No policy</Tag>
  return (
    <span className="inline-flex items-center gap-2">
      <TextLink href={`/policies/${policy.name}`} className="font-mono text-xs max-md:hidden">
        {policy.name}
      </TextLink>
      <RuleCite href={`/policies/${policy.name}`}>
        {policy.revision === null ? 'never published' : `r${policy.revision}`}
      </RuleCite>
    </span>
  )
}
