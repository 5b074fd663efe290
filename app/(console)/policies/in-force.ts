import type { NamedDocument } from '@/components/policy/treatment'
import type { Actor } from '@/lib/auth/model'
import { parse } from '@/lib/policy'
import { type PolicyRow, readPolicies, readPolicy } from '@/lib/policy-store/queries'

/** The documents in force, and where each can be opened. */
export interface DocumentsInForce {
  /** Those that judge calls to a server: its own and the every-server one. */
  of(server: string): NamedDocument[]
  /** The page of a document by the name it is judged under, at a line. */
  hrefOf(policy: string, line: number): string | undefined
  /** The newest of all revisions, which names the bundle; null while nothing was published. */
  readonly newest: number | null
}

/** Reads what is in force for some servers. A text that this release cannot read decides nothing here, as in a proxy. */
export async function readDocumentsInForce(actor: Actor, servers: readonly string[]): Promise<DocumentsInForce> {
  const policies = await readPolicies(actor)
  const wanted = policies.filter(policy => policy.revision && isWanted(policy, servers))
  const texts = await Promise.all(
    wanted.map(async policy => ({ policy, text: (await readPolicy(actor, policy.name)).text })),
  )
  const documents = new Map<string, NamedDocument>()
  const files = new Map<string, string>()
  for (const { policy, text } of texts) {
    const name = judgedAs(policy)
    const { document } = parse(text)
    files.set(name, policy.name)
    if (document) documents.set(name, { name, document })
  }
  return {
    of: server => [documents.get(server), documents.get('*')].filter(document => document !== undefined),
    hrefOf: (name, line) => {
      const file = files.get(name)
      return file === undefined || line === 0 ? undefined : `/policies/${file}#L${line}`
    },
    newest: newestOf(policies),
  }
}

/** The newest revision of all policies; null while nothing was published. */
export function newestOf(policies: readonly PolicyRow[]): number | null {
  const numbers = policies.map(policy => policy.revision?.number ?? 0)
  return Math.max(0, ...numbers) || null
}

function isWanted({ scope, server }: PolicyRow, servers: readonly string[]): boolean {
  return scope === 'every' || (server !== null && servers.includes(server.slug))
}

function judgedAs({ server }: PolicyRow): string {
  return server?.slug ?? '*'
}
