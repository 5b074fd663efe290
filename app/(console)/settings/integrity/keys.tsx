import { Cell } from '@/components/ui/sheet'
import { Time } from '@/components/ui/time'
import type { KeyChange, ProxyEvidence } from '@/lib/audit/queries'

/** Public keys that sign now, who holds them, and which ones they took the place of. */
export function Keys({ proxies, changes }: { proxies: readonly ProxyEvidence[]; changes: readonly KeyChange[] }) {
  const holders = new Map<string, string[]>()
  for (const { name, checkpoint } of proxies)
    if (checkpoint) holders.set(checkpoint.key, [...(holders.get(checkpoint.key) ?? []), name])
  return (
    <Cell span={6} title="Signing keys" note="Ed25519, public halves">
      {holders.size === 0 ? <p className="text-ink-2">No checkpoint names a key yet.</p> : null}
      <ul className="flex flex-col gap-2">
        {[...holders].map(([key, names]) => (
          <li key={key}>
            <code className="literal wrap-anywhere">{key}</code>
            <span className="block text-xs text-ink-3">signs for {names.join(', ')}</span>
          </li>
        ))}
      </ul>
      {changes.length > 0 ? (
        <ul className="mt-3 flex flex-col gap-1 text-xs text-ink-2" aria-label="Changes of keys">
          {changes.map(({ proxy, time, before, after }) => (
            <li key={`${proxy} ${after}`} className="wrap-anywhere">
              <Time at={time} />: {proxy} changed from <code className="literal">{before.slice(0, 8)}…</code> to{' '}
              <code className="literal">{after.slice(0, 8)}…</code>
            </li>
          ))}
        </ul>
      ) : null}
    </Cell>
  )
}
