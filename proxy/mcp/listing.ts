import { isJsonObject, type JsonObject, type JsonValue, kindOfName, visibility } from '@/lib/policy'
import { areGranted, type EnforcedServer, type Enforcement, grantsOf } from '../enforcement'
import type { ListKind } from './requests'

/** Tells what one identity can ever call on one server. */
export interface Sight {
  /** Whether a name is granted, not hidden, and not left to a default that denies. */
  isVisible(name: string): boolean
  /** Whether the definition with this digest was approved, or may pass without. */
  isApproved(tool: string, digest: string | undefined): boolean
}

export function sightOf(enforcement: Enforcement, server: EnforcedServer, identityId: string): Sight {
  const grants = grantsOf(enforcement, identityId, server, Date.now())
  return {
    isVisible: name =>
      server.policies.length > 0 && areGranted(grants, name) && visibility(server.policies, name) === 'listed',
    isApproved: (tool, digest) => {
      const pinned = server.tools.get(tool)?.pinnedDigest
      return Boolean(pinned) && digest !== undefined && (pinned === digest || server.drift === 'warn')
    },
  }
}

/**
 * A list's result without what the caller can never call (DESIGN §5); all else keeps its order and every field. Pages are
 * filtered one by one, so one may come out empty and still have a next.
 * @param digests of the page's tools, where it lists tools
 */
export function filterList(
  kind: ListKind,
  result: JsonObject,
  sight: Sight,
  digests: ReadonlyMap<string, string>,
): JsonObject {
  const entries = result[kind]
  if (!Array.isArray(entries)) return result
  const kept = entries.filter((entry: JsonValue) => {
    const name = isJsonObject(entry) ? nameOf(kind, entry) : null
    if (name === null || !sight.isVisible(name)) return false
    return kind !== 'tools' || (kindOfName(name) === 'tool' && sight.isApproved(name, digests.get(name)))
  })
  return { ...result, [kind]: kept }
}

/** How an entry is named in grants and policies. */
function nameOf(kind: ListKind, entry: JsonObject): string | null {
  const [prefix, own] =
    kind === 'tools'
      ? ['', entry.name]
      : kind === 'prompts'
        ? ['prompts/', entry.name]
        : ['resources/', kind === 'resources' ? entry.uri : entry.uriTemplate]
  return typeof own === 'string' ? prefix + own : null
}
