import type { ProxyServer, ProxyTool } from '@/lib/catalogue/store'
import type { Directory, DirectoryGrant, DirectoryIdentity, DirectoryKey } from '@/lib/identity/model'
import { type CompiledPolicy, compile, globMatches } from '@/lib/policy'
import type { Bundle } from '@/lib/policy-store/model'
import { only } from './only'

export type EnforcedTool = ProxyTool

/** A server with what judges calls to it. */
export interface EnforcedServer extends Omit<ProxyServer, 'tools'> {
  readonly tools: ReadonlyMap<string, EnforcedTool>
  /** Its own document, then the every-server document; empty: every call is denied. Compiled once, so kept as one array. */
  readonly policies: readonly CompiledPolicy[]
}

export interface EnforcedKey extends DirectoryKey {
  readonly hashBytes: Buffer
  readonly identity: DirectoryIdentity
}

/** All that a decision needs, of one moment. Replaced whole by the next; never changed. */
export interface Enforcement {
  readonly version: number
  /** Number of the bundle; null while nothing was published. */
  readonly revision: number | null
  readonly servers: ReadonlyMap<string, EnforcedServer>
  /** By prefix. */
  readonly keys: ReadonlyMap<string, EnforcedKey>
  readonly identities: ReadonlyMap<string, DirectoryIdentity>
  /** By identity id and then by server id, as `grantsOf` asks. */
  readonly grants: ReadonlyMap<string, ReadonlyMap<string, readonly DirectoryGrant[]>>
}

export interface EnforcementParts {
  readonly version: number
  readonly bundle: Bundle | null
  readonly directory: Directory
  readonly servers: readonly ProxyServer[]
}

/** Compiled policies by what they were compiled from: a publish compiles what changed and nothing else. */
export type CompileCache = Map<string, CompiledPolicy>

/** Makes an enforcement of what Postgres holds. Entries of `cache` that are not used any more are dropped. */
export function buildEnforcement(parts: EnforcementParts, cache: CompileCache): Enforcement {
  const { version, bundle, directory, servers } = parts
  const used: CompileCache = new Map()
  const policiesOf = (server: ProxyServer) =>
    [server.slug, null].flatMap(slug => {
      const bundled = bundle?.policies.find(policy => policy.server === slug)
      if (!bundled) return []
      const pins = server.tools.map(tool => `${tool.name}\n${tool.pinnedDigest}\n${tool.category}`).join('\n')
      const key = `${server.slug} ${slug ?? '*'} ${bundled.digest} ${bundled.revision} ${pins}`
      const definitions = server.tools.flatMap(tool => tool.pinned ?? [])
      const compiled = cache.get(key) ?? compile(bundled.document, { name: slug ?? '*', definitions })
      used.set(key, compiled)
      return [compiled]
    })
  const built = servers.map(server => {
    const tools = new Map(server.tools.map(tool => [tool.name, tool]))
    return [server.slug, { ...server, tools, policies: policiesOf(server) }] as const
  })
  cache.clear()
  for (const [key, compiled] of used) cache.set(key, compiled)
  return { version, revision: bundle?.number ?? null, servers: new Map(built), ...indexDirectory(directory) }
}

function indexDirectory(directory: Directory): Pick<Enforcement, 'keys' | 'identities' | 'grants'> {
  const identities = new Map(directory.identities.map(identity => [identity.id, identity]))
  const keys = new Map<string, EnforcedKey>()
  for (const key of directory.keys) {
    const identity = identities.get(key.identityId)
    if (identity) keys.set(key.prefix, { ...key, hashBytes: Buffer.from(key.hash, 'hex'), identity })
  }
  const grants = new Map<string, Map<string, DirectoryGrant[]>>()
  for (const grant of directory.grants) {
    const ofIdentity = grants.get(grant.identityId) ?? new Map<string, DirectoryGrant[]>()
    grants.set(grant.identityId, ofIdentity)
    ofIdentity.set(grant.serverId, [...(ofIdentity.get(grant.serverId) ?? []), grant])
  }
  return { identities, keys, grants }
}

const NO_GRANTS: readonly DirectoryGrant[] = []

/** The grants of an identity on a server that are live at `now` (Unix ms). */
export function grantsOf(
  enforcement: Enforcement,
  identityId: string,
  server: EnforcedServer,
  now: number,
): readonly DirectoryGrant[] {
  const all = enforcement.grants.get(identityId)?.get(server.id) ?? NO_GRANTS
  return only(all, ({ until }) => until === null || until > now)
}

/** Whether one of the grants names this tool, resource, prompt or server-initiated request. */
export function areGranted(grants: readonly DirectoryGrant[], name: string): boolean {
  return grants.some(grant => grant.tools.some(pattern => globMatches(pattern, name)))
}
