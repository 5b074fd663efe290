import { Band, Sheet } from '@/components/ui/sheet'
import { Tag } from '@/components/ui/tag'
import { Time } from '@/components/ui/time'
import type { KeyView } from '@/lib/identity/queries'
import { isEnding } from '../lifetime'
import { IssueKey } from './issue-key'
import { RevokeKey } from './revoke-key'

/** A key that ends sooner than this is worth a look. */
const SOON_MS = 7 * 86_400_000

/** The keys it calls with. Only hashes are kept, so a key is shown once and never again. */
export function KeysSheet({
  identity,
  isDisabled,
  keys,
  servers,
  proxyUrl,
  mayManage,
}: {
  identity: string
  isDisabled: boolean
  keys: readonly KeyView[]
  servers: readonly string[]
  proxyUrl: string
  mayManage: boolean
}) {
  const live = keys.filter(key => key.state === 'live')
  const ended = keys.filter(key => key.state !== 'live')
  return (
    <Sheet>
      <Band title="Keys">
        {mayManage ? (
          <span className="ml-auto">
            <IssueKey identity={identity} isDisabled={isDisabled} servers={servers} proxyUrl={proxyUrl} />
          </span>
        ) : null}
      </Band>
      <ul>
        {live.map(key => (
          <li key={key.id} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-2 border-b border-line px-4 py-3">
            <span className="flex flex-wrap items-center gap-2">
              <span className="font-mono text-xs font-label">{key.prefix}…</span>
              {key.expiresAt && isEnding(key.expiresAt, SOON_MS) ? (
                <Tag tone="warn">
                  Ends <Time at={key.expiresAt} />
                </Tag>
              ) : null}
            </span>
            {mayManage ? <RevokeKey prefix={key.prefix} identity={identity} /> : null}
            <span className="col-span-2 text-xs text-ink-2">
              <KeyFacts issued={key} />
            </span>
          </li>
        ))}
      </ul>
      {live.length === 0 ? (
        <p className="border-b border-line px-4 py-3 text-ink-2">
          No key: it cannot call. Issue one to connect an agent.
        </p>
      ) : null}
      {ended.length > 0 ? (
        <details className="border-b border-line">
          <summary className="cursor-pointer px-4 py-2.5 text-xs font-label text-ink-2 -outline-offset-2">
            Ended {ended.length}
          </summary>
          <ul className="px-4 pb-3 text-xs text-ink-2">
            {ended.map(key => (
              <li key={key.id} className="py-1">
                <span className="font-mono">{key.prefix}…</span>{' '}
                {key.revokedAt ? (
                  <>
                    revoked <Time at={key.revokedAt} />
                  </>
                ) : (
                  <>expired {key.expiresAt ? <Time at={key.expiresAt} /> : null}</>
                )}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      <p className="px-4 py-3 text-xs text-ink-3">Only a hash is kept. A lost key is replaced, never shown again.</p>
    </Sheet>
  )
}

function KeyFacts({ issued }: { issued: KeyView }) {
  return (
    <>
      {issued.lastUsedAt ? (
        <>
          Used <Time at={issued.lastUsedAt} />.
        </>
      ) : (
        'Never used.'
      )}{' '}
      {issued.expiresAt ? (
        <>
          Expires <Time at={issued.expiresAt} />.
        </>
      ) : (
        'Does not expire.'
      )}{' '}
      Issued by {issued.createdBy} <Time at={issued.createdAt} />.
    </>
  )
}
