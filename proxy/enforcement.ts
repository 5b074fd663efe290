import type { ProxyServer, ProxyTool } from '@/lib/catalogue/store'
import type { Directory, DirectoryGrant, DirectoryIdentity, DirectoryKey } from '@/lib/identity/model'
import { type CompiledPolicy, compile, globMatches } from '@/lib/policy'
import type { Bundle } from '@/lib/policy-store/model'

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
  /** By identity id and server id, as `grantsOf` asks. */
  readonly grants: ReadonlyMap<string, readonly DirectoryGrant[]>
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
  const grants = new Map<string, DirectoryGrant[]>()
  for (const grant of directory.grants) {
    const place = grantPlace(grant.identityId, grant.serverId)
    grants.set(place, [...(grants.get(place) ?? []), grant])
  }
  return { identities, keys, grants }
}

const grantPlace = (identityId: string, serverId: string) => `${identityId} ${serverId}`

/** The grants of an identity on a server that are live at `now` (Unix ms). */
export function grantsOf(
  enforcement: Enforcement,
  identityId: string,
  server: EnforcedServer,
  now: number,
): DirectoryGrant[] {
  const all = enforcement.grants.get(grantPlace(identityId, server.id)) ?? []
  return all.filter(grant => grant.until === null || grant.until > now)
}

/** Whether one of the grants names this tool, resource, prompt or server-initiated request. */
export function areGranted(grants: readonly DirectoryGrant[], name: string): boolean {
  return grants.some(grant => grant.tools.some(pattern => globMatches(pattern, name)))
}
