import { Health, type HealthState } from '@/components/ui/health'
import type { ProxyView } from '@/lib/audit/queries'

/** Whether a proxy does what was published, as a shape and a word. */
export function ProxyHealth({ proxy, wordless = false }: { proxy: ProxyView; wordless?: boolean }) {
  const { state, words } = healthOf(proxy)
  return (
    <span className="inline-flex items-center gap-2">
      <Health state={state} />
      {wordless ? <span className="sr-only">{words}</span> : words}
    </span>
  )
}

function healthOf(proxy: ProxyView): { state: HealthState; words: string } {
  if (proxy.state === 'stopped') return { state: 'warn', words: 'stopped' }
  if (proxy.state === 'late') return { state: 'bad', words: 'silent' }
  if (!proxy.agrees) return { state: 'warn', words: 'behind' }
  return (proxy.status.auditGap ?? 0) > 0
    ? { state: 'warn', words: 'gap in the record' }
    : { state: 'ok', words: 'running' }
}
