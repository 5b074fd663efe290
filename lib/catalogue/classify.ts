import type { ToolDefinition } from '@/lib/policy'
import { type Category, type Risk, riskOf } from './model'

/** Where a category comes from; only a steward's own choice is a judgement, the others are guesses that err upwards. */
export type CategorySource = 'annotations' | 'name' | 'unknown' | 'steward'

export interface Classification {
  readonly category: Category
  readonly risk: Risk
  readonly source: CategorySource
}

const bySeverity: readonly Category[] = ['Read', 'Write', 'Execute', 'Destructive', 'Financial']

const verbs: Readonly<Record<Category, string>> = {
  Read:
    'get list read search find fetch query describe show view count check status inspect explain lookup retrieve resolve browse ' +
    'scrape crawl info ping whoami watch wait snapshot screenshot transcribe ocr summarize analyze compare diff preview validate stat',
  Write:
    'create update add set put post patch write edit insert upsert move rename upload fork push merge assign unassign archive ' +
    'unarchive comment save store append replace fill select scale resize import copy enable disable mark send reply label tag link ' +
    'configure modify change download publish share invite close reopen restore sync',
  Execute:
    'execute exec run rerun start stop restart invoke trigger deploy install upgrade apply rollback rollout launch interact signal ' +
    'evaluate eval click navigate type press drag hover connect cancel approve reject call forward interrupt resume pause ' +
    'schedule submit build spawn attach debug',
  Destructive:
    'delete remove drop destroy purge wipe kill terminate uninstall truncate erase cleanup prune revoke reset clear unlink drain cordon overwrite',
  Financial: 'pay charge refund payout purchase buy checkout withdraw trade transfer',
}
const categoryOfVerb = new Map(
  Object.entries(verbs).flatMap(([category, words]) =>
    words.split(' ').map(word => [word, category as Category] as const),
  ),
)
const money = new Set([
  'payment',
  'payments',
  'refund',
  'refunds',
  'payout',
  'payouts',
  'invoice',
  'invoices',
  'charge',
  'charges',
  'transfer',
  'transfers',
])

const worst = (...categories: Category[]): Category =>
  categories.reduce((most, next) => (bySeverity.indexOf(next) > bySeverity.indexOf(most) ? next : most))

/** `getUserById`, `get-user_by.id` → get user by id. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
}

/** The worst verb; after a reading verb the rest are nouns (`get_update`), unless joined to it (`get_or_create`). */
function categoryOfName(name: string): Category | null {
  const words = wordsOf(name)
  let found: Category | null = null
  for (const [index, word] of words.entries()) {
    const category = categoryOfVerb.get(word)
    if (category === undefined) continue
    const isJoined = ['and', 'or'].includes(words[index - 1] ?? '')
    if (found === 'Read' && !isJoined) continue
    found = found === null ? category : worst(found, category)
  }
  return found !== null && found !== 'Read' && words.some(word => money.has(word)) ? 'Financial' : found
}

function categoryOfAnnotations(annotations: ToolDefinition['annotations']): Category | null {
  if (annotations?.destructiveHint === true) return 'Destructive'
  if (annotations?.readOnlyHint === true) return 'Read'
  if (annotations?.destructiveHint === false) return 'Write'
  // MCP: without the hint, a tool that writes counts as destructive.
  return annotations?.readOnlyHint === false ? 'Destructive' : null
}

/**
 * Guesses a tool's category from the verbs of its name and from its annotations; the worse of the two counts, since
 * annotations are the server's own claim. Neither says anything → Destructive. Descriptions are not read: whoever writes
 * them would choose the category.
 */
export function classify(definition: Pick<ToolDefinition, 'name' | 'annotations'>): Classification {
  const named = categoryOfName(definition.name)
  const annotated = categoryOfAnnotations(definition.annotations)
  if (named === null && annotated === null)
    return { category: 'Destructive', risk: riskOf.Destructive, source: 'unknown' }
  const category = worst(named ?? 'Read', annotated ?? 'Read')
  return { category, risk: riskOf[category], source: category === annotated ? 'annotations' : 'name' }
}
