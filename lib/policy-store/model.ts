import { z } from 'zod'
import { Slug } from '@/lib/catalogue/model'
import type { Document } from '@/lib/policy'

/** File name of a policy, say `io-github-swih-mistral-mcp.yaml`. */
export const PolicyName = z
  .string()
  .max(120)
  .regex(/^[a-z0-9][a-z0-9._-]*\.ya?ml$/, 'A policy is named like a file: lower case, ending in .yaml.')

/** Text of a document; the kernel refuses what is longer. */
export const PolicyText = z
  .string()
  .max(1_048_576, 'A policy has at most 1 MB.')
  .refine(text => !/[\0\p{Cs}]/u.test(text), 'The text holds a NUL or half of a surrogate pair.')

/** The server that a policy is for; null is every server. */
export const PolicyServer = Slug.nullable()

/** Length of a note in characters. */
export const Note = z.string().max(500, 'A note has at most 500 characters.')

/** One policy in a bundle: its newest revision, parsed, so that no proxy reads YAML. */
export interface BundledPolicy {
  readonly name: string
  /** A server's slug; null is every server. */
  readonly server: string | null
  readonly revision: number
  /** SHA-256 (hex) over the document's canonical content. */
  readonly digest: string
  readonly document: Document
}

/** The compiled set that a proxy activates. */
export interface Bundle {
  /** Number of the revision whose publishing made it. */
  readonly number: number
  readonly digest: string
  readonly policies: readonly BundledPolicy[]
}

/** The name a policy gets unless one is chosen: the registry name, else the slug, else `every-server`, as a file. */
export function nameFor(server: { slug: string; registryName: string | null } | null): string {
  if (server === null) return 'every-server.yaml'
  const words = (server.registryName ?? server.slug).toLowerCase().split(/[^a-z0-9]+/)
  return `${words.filter(Boolean).join('-').slice(0, 110)}.yaml`
}
