import { RuleCite } from '@/components/ui/rule-cite'

/**
 * The line that a decision stands on: `mistral L33`, opening the policy there. `names` maps a server's slug (`*` for every
 * server) to its policy's file; without one the citation leads nowhere, for the policy is gone.
 */
export function RuleCitation({
  policy,
  line,
  names,
  short = false,
}: {
  policy: string | null
  line: number | null
  names: Readonly<Record<string, string>>
  /** The line alone, where the server stands beside it. */
  short?: boolean
}) {
  if (policy === null || line === null) return null
  const name = names[policy]
  const place = policy === '*' ? 'all' : policy
  return (
    <span className="relative">
      <RuleCite {...(name ? { href: `/policies/${name}#L${line}` } : {})}>
        {short && policy !== '*' ? `L${line}` : `${place} L${line}`}
      </RuleCite>
    </span>
  )
}
