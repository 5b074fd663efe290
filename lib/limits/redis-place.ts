import type { RedisOptions } from 'ioredis'

/** Where Redis is: one server, or some nodes of a cluster, by which the others are found. */
export type RedisPlace =
  | { readonly kind: 'one'; readonly url: string }
  | { readonly kind: 'cluster'; readonly nodes: readonly Node[]; readonly options: RedisOptions }

interface Node {
  readonly host: string
  readonly port: number
}

const SCHEME = /^redis(s?)(\+cluster)?:$/
const NEED = 'REDIS_URL is redis://… or rediss://…; for a cluster several with commas between, or redis+cluster://….'

/** What is wrong with REDIS_URL; null when nothing is. */
export function redisProblem(text: string): string | null {
  try {
    readRedisPlace(text)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/**
 * Reads REDIS_URL. A cluster is named by several addresses with commas between, or by `redis+cluster://` (`rediss+cluster://`
 * over TLS) before one; what the first says of user and password holds for all its nodes.
 * @throws Error with one sentence
 */
export function readRedisPlace(text: string): RedisPlace {
  // A socket on this host.
  if (text.startsWith('/')) return { kind: 'one', url: text }
  const parts = text.split(',').map(part => part.trim())
  const urls = parts.map(part => (URL.canParse(part) ? new URL(part) : null))
  const [first] = urls
  if (!first || !urls.every(url => url && SCHEME.test(url.protocol) && url.hostname !== '')) throw new Error(NEED)
  if (new Set(urls.map(url => url?.protocol)).size > 1) throw new Error('REDIS_URL names one cluster in several ways.')
  const [, tls, cluster] = SCHEME.exec(first.protocol) ?? []
  if (urls.length === 1 && !cluster) return { kind: 'one', url: text }
  // A cluster has but the one database.
  if (urls.some(url => !/^\/?0?$/.test(url?.pathname ?? ''))) throw new Error('REDIS_URL: a cluster has no databases.')
  const { username, password } = first
  return {
    kind: 'cluster',
    nodes: urls.map(url => ({ host: url?.hostname ?? '', port: Number(url?.port || 6379) })),
    options: {
      ...(username ? { username: decodeURIComponent(username) } : {}),
      ...(password ? { password: decodeURIComponent(password) } : {}),
      ...(tls ? { tls: {} } : {}),
    },
  }
}
