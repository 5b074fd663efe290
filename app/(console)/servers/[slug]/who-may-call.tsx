import { Band, Sheet } from '@/components/ui/sheet'
import { TextLink } from '@/components/ui/text-link'
import { Time } from '@/components/ui/time'
import type { GrantView } from '@/lib/identity/queries'

/** The live grants on a server, by identity. */
export function WhoMayCall({ grants }: { grants: readonly GrantView[] }) {
  return (
    <Sheet>
      <Band title="Who may call">
        <span className="text-xs text-ink-3">{grants.length === 1 ? '1 grant' : `${grants.length} grants`}</span>
      </Band>
      {grants.length === 0 ? (
        <p className="px-4 py-4 text-xs text-ink-2">
          Nobody. Grant its tools to an identity under <TextLink href="/identities">Identities</TextLink>.
        </p>
      ) : (
        <ul>
          {grants.map(grant => (
            <li key={grant.id} className="border-t border-line px-4 py-2.5 first:border-t-0">
              <span className="flex items-baseline gap-2">
                <TextLink href={`/identities/${encodeURIComponent(grant.identity)}`} className="font-label text-ink!">
                  {grant.identity}
                </TextLink>
                <span className="ml-auto text-xs text-ink-3">
                  {grant.until ? (
                    <>
                      ends <Time at={grant.until} />
                    </>
                  ) : (
                    'until revoked'
                  )}
                </span>
              </span>
              <span className="block font-mono text-xs wrap-anywhere text-ink-2">{grant.tools.join(', ')}</span>
            </li>
          ))}
        </ul>
      )}
    </Sheet>
  )
}
