import { z } from 'zod'
import { globMatches } from '@/lib/policy'

export const IdentityKind = z.enum(['agent', 'service', 'person'], 'A kind is agent, service or person.')
export type IdentityKind = z.infer<typeof IdentityKind>

/** Names stand in addresses, commands and records, so they hold no blanks, slashes or control characters. */
export const IdentityName = z
  .string()
  .trim()
  .min(1, 'Give the identity a name.')
  .max(100, 'A name has at most 100 characters.')
  .regex(/^[A-Za-z0-9]/, 'A name begins with a letter or a digit.')
  .regex(/^[A-Za-z0-9._@-]*$/, 'A name holds letters, digits and . _ @ - only.')

/** A tool, resource, prompt or server-initiated request, by name or glob, as in a policy (LANGUAGE, *Other names*). */
const GrantedName = z
  .string()
  .trim()
  .min(1, 'A tool name must not be blank.')
  .max(256, 'A tool name or glob has at most 256 characters.')
  .regex(/^\S*$/u, 'A tool name holds no blanks. Give several names one by one.')

export const GrantedTools = z
  .array(GrantedName)
  .min(1, 'Name at least one tool, or * for all tools of the server.')
  .max(100, 'A grant names at most 100 tools. Use a glob, or make a second grant.')
  .transform(names => [...new Set(names)])

/** What policies may ask of an identity beside its name and kind (`identity.labels.x`). */
export const Labels = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, 'A label begins with a letter and holds letters, digits, _ and -.'),
    z.string().trim().max(200, 'The value of a label has at most 200 characters.'),
  )
  .refine(labels => Object.keys(labels).length <= 20, 'An identity has at most 20 labels.')

/** An instant: a Date, or ISO 8601 with a zone, since a time without one means something else to each reader. */
export const Moment = z.union(
  [z.date(), z.iso.datetime({ offset: true }).transform(text => new Date(text))],
  'Write the time with its zone, say 2027-01-31T18:00:00Z.',
)

/** An identity as proxies see it. */
export interface DirectoryIdentity {
  id: string
  name: string
  kind: IdentityKind
  labels: Record<string, string>
}

/** A key as proxies see it. `expiresAt` is Unix ms; proxies judge it by their own clock at each call. */
export interface DirectoryKey {
  id: string
  identityId: string
  prefix: string
  /** SHA-256 of the whole key in hexadecimal. */
  hash: string
  expiresAt: number | null
}

/** A grant as proxies see it. `until` is Unix ms; proxies judge it by their own clock at each call. */
export interface DirectoryGrant {
  id: string
  identityId: string
  serverId: string
  /** Server slug. */
  server: string
  /** Names or globs. */
  tools: string[]
  until: number | null
}

/** Everybody who may call: enabled identities with the keys and grants that were live when it was read. */
export interface Directory {
  identities: DirectoryIdentity[]
  keys: DirectoryKey[]
  grants: DirectoryGrant[]
}

export type GrantState = 'live' | 'expired' | 'revoked'

/** What a grant or key is worth at `at`; revoked wins over expired. */
export function stateAt(lifetime: { until: Date | null; revokedAt: Date | null }, at: Date): GrantState {
  if (lifetime.revokedAt) return 'revoked'
  return lifetime.until && lifetime.until <= at ? 'expired' : 'live'
}

/** Whether one of a grant's names or globs covers this tool. */
export function grantCovers(tools: readonly string[], name: string): boolean {
  return tools.some(pattern => globMatches(pattern, name))
}
