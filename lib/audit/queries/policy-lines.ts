import type { Sql } from '@/lib/db/sql'

/** The lines of a policy that a decision stands on, as they were published. */
export interface PolicyLines {
  /** File name of the policy. */
  name: string
  /** The revision of this policy that the bundle held. */
  revision: number
  /** Number of the first line, from 1. */
  from: number
  lines: string[]
  /** Set when the rule goes on after the last line shown. */
  isCut: boolean
}

const MOST_LINES = 24

/** The lines of the rule that decided, out of the revision that the deciding bundle held; null when it is not there. */
export async function readPolicyLines(
  sql: Sql,
  decided: { revision: number | null; policy: string | null; line: number | null },
): Promise<PolicyLines | null> {
  const { revision, policy, line } = decided
  if (revision === null || policy === null || line === null) return null
  const [row] = await sql.query<{ name: string; number: string; text: string }>(
    `SELECT b.name, r.number, r.text
     FROM (SELECT p.value->>'name' AS name, (p.value->>'revision')::bigint AS number
       FROM bundles, jsonb_array_elements(bundles.policies) AS p
       WHERE bundles.number = $1 AND p.value->>'server' IS NOT DISTINCT FROM $2 LIMIT 1) b
     JOIN revisions r ON r.number = b.number`,
    [revision, policy === '*' ? null : policy],
  )
  if (!row) return null
  const cut = linesOfRule(row.text, line)
  return cut && { name: row.name, revision: Number(row.number), ...cut }
}

/**
 * What belongs to the rule that starts at `line` (from 1), by indentation; null past the end of the text.
 * The text was published, so it is YAML whose blocks are told apart by indentation, or a flow on its own lines.
 */
export function linesOfRule(text: string, line: number): Pick<PolicyLines, 'from' | 'lines' | 'isCut'> | null {
  const all = text.split(/\r?\n/)
  const first = all[line - 1]
  if (first === undefined) return null
  const depth = indentOf(first)
  let end = line
  while (end < all.length && belongs(all[end] ?? '', depth)) end += 1
  while (end > line && all[end - 1]?.trim() === '') end -= 1
  const last = Math.min(end, line - 1 + MOST_LINES)
  return { from: line, lines: all.slice(line - 1, last).map(shown => shown.slice(0, 400)), isCut: last < end }
}

function belongs(text: string, depth: number): boolean {
  return text.trim() === '' || indentOf(text) > depth
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length
}
