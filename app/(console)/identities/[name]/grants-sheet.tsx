import { Band, Sheet } from '@/components/ui/sheet'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { Instant, Time } from '@/components/ui/time'
import type { GrantView } from '@/lib/identity/queries'
import { shareLeft } from '../lifetime'
import { RevokeGrant } from './revoke-grant'

/** Grants that hold, and under them those that ended. */
export function GrantsSheet({ grants, mayManage }: { grants: readonly GrantView[]; mayManage: boolean }) {
  const live = grants.filter(grant => grant.state === 'live')
  const ended = grants.filter(grant => grant.state !== 'live')
  return (
    <Sheet>
      <Band title="Grants">
        <span className="text-xs text-ink-3">{live.length} live</span>
      </Band>
      {live.length === 0 ? (
        <p className="px-4 py-4 text-ink-2">No grant holds. Each call is refused before any policy is asked.</p>
      ) : (
        <GrantTable grants={live} mayManage={mayManage} />
      )}
      {ended.length > 0 ? (
        <details className="border-t border-line">
          <summary className="cursor-pointer px-4 py-2.5 text-xs font-label text-ink-2 -outline-offset-2">
            Ended {ended.length}
          </summary>
          <GrantTable grants={ended} mayManage={false} />
        </details>
      ) : null}
    </Sheet>
  )
}

function GrantTable({ grants, mayManage }: { grants: readonly GrantView[]; mayManage: boolean }) {
  return (
    <Table tall>
      <thead className="max-md:sr-only">
        <tr>
          <Th>Server and tools</Th>
          <Th>Until</Th>
          <Th className="max-md:hidden">Reason</Th>
          <Th className="max-md:hidden">Granted by</Th>
          <Th>
            <span className="sr-only">Acts</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {grants.map(grant => (
          <Tr key={grant.id}>
            <Td className="py-1.5 whitespace-normal!">
              <b className="font-strong">{grant.server}</b>
              <span className="block font-mono text-xs wrap-anywhere text-ink-2">{grant.tools.join(', ')}</span>
            </Td>
            <Td>
              <End grant={grant} />
            </Td>
            <Td className="w-1/3 whitespace-normal! text-ink-2 max-md:hidden">
              {grant.reason || <span className="text-ink-3">None given</span>}
            </Td>
            <Td className="text-ink-2 max-md:hidden">
              {grant.createdBy}
              <span className="block text-xs text-ink-3">
                <Instant at={grant.createdAt} show="day" />
              </span>
            </Td>
            <Td end>{mayManage ? <RevokeGrant id={grant.id} server={grant.server} tools={grant.tools} /> : null}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

function End({ grant }: { grant: GrantView }) {
  if (grant.revokedAt)
    return (
      <span className="text-xs text-ink-2">
        Revoked <Time at={grant.revokedAt} /> by {grant.revokedBy}
      </span>
    )
  if (!grant.until) return <span className="text-ink-3">Until revoked</span>
  if (grant.state === 'expired')
    return (
      <span className="text-xs text-ink-2">
        Expired <Time at={grant.until} />
      </span>
    )
  return <Span from={grant.createdAt} until={grant.until} />
}

/** The last tenth of a grant is worth a look. */
const SOON = 0.1

function Span({ from, until }: { from: Date; until: Date }) {
  const left = shareLeft(from, until)
  return (
    <span className="inline-grid grid-cols-[4rem_auto] items-center gap-2">
      <span aria-hidden="true" className="h-1 overflow-hidden rounded-1 bg-line">
        <span
          className={`block h-full ${left < SOON ? 'bg-warn' : 'bg-ink-2'}`}
          style={{ width: `${Math.round(left * 100)}%` }}
        />
      </span>
      <Time at={until} />
    </span>
  )
}
