import type { ServerRow } from '@/lib/catalogue/queries'
import { toTable } from '../output'

const head = ['SLUG', 'TRANSPORT', 'TOOLS', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL', 'WAITING', 'CHANGED', 'POLICY']

export function sayServers(servers: readonly ServerRow[]): string {
  if (servers.length === 0) return 'No servers yet. Next: intercept server add SLUG -- COMMAND…\n'
  const rows = servers.map(({ slug, transport, tools, byRisk, waiting, drifted, policy }) => [
    slug,
    transport,
    ...[tools, byRisk.low, byRisk.medium, byRisk.high, byRisk.critical, waiting, drifted].map(String),
    policy ? `${policy.name} ${policy.revision === null ? '(not published)' : `r${policy.revision}`}` : '(none)',
  ])
  return toTable(head, rows)
}
