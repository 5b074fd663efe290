import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Redis } from 'ioredis'
import type { Sql } from '@/lib/db/sql'
import { LeasedCounterStore } from '@/lib/limits/leased'
import type { CounterStore } from '@/lib/limits/model'
import { PostgresCounterStore } from '@/lib/limits/postgres'
import { RedisCounterStore } from '@/lib/limits/redis'
import { readRedisPlace } from '@/lib/limits/redis-place'
import type { Log } from './log'
import type { Metrics } from './metrics'

/** How long one question to Redis may take; past it the call is refused. */
const ANSWER_MS = 1_000
const LONGEST_RETRY_MS = 1_000
/** A start waits so long for Redis; afterwards calls that need it are refused until it is there. */
const FIRST_CONNECTION_MS = 500
const LAST_WORDS_MS = 400
/** Nodes of a cluster that are asked in turn when the first says that it is another's, or is gone. */
const MAX_REDIRECTIONS = 4

export interface SharedLimits {
  readonly store: CounterStore
  /** Gives back what is held ahead. */
  close(): Promise<void>
}

/** Told after each question to the store whether it answered. */
type OnAnswer = (hasAnswered: boolean) => void

/**
 * The store of limits that all proxies share: Redis where there is one, else Postgres.
 * @param sql a pool with a short `query_timeout`, so that it rejects rather than waits
 */
export async function openSharedLimits(
  redisUrl: string | undefined,
  sql: Sql,
  onAnswer: OnAnswer = () => undefined,
): Promise<SharedLimits> {
  const redis = redisUrl === undefined ? null : await openRedis(redisUrl)
  const asked = redis ? new RedisCounterStore(redis) : new PostgresCounterStore(sql)
  const store = new LeasedCounterStore(watched(asked, onAnswer))
  store.start()
  return {
    store,
    async close() {
      await Promise.race([store.close().catch(() => undefined), sleep(LAST_WORDS_MS, undefined, { ref: false })])
      redis?.disconnect()
    },
  }
}

function watched(store: CounterStore, onAnswer: OnAnswer): CounterStore {
  const watch = async <T>(answer: Promise<T>): Promise<T> => {
    let hasAnswered = false
    try {
      const value = await answer
      hasAnswered = true
      return value
    } finally {
      onAnswer(hasAnswered)
    }
  }
  return {
    reserve: (requests, now) => watch(store.reserve(requests, now)),
    refund: (reservation, now) => watch(store.refund(reservation, now)),
    read: keys => watch(store.read(keys)),
  }
}

/** Raises the alarm when the store falls silent: in the metrics at each question, in the log once. */
export function watchStore(metrics: Pick<Metrics, 'limitsAsked'>, log: Log): OnAnswer {
  let isUp = true
  return hasAnswered => {
    metrics.limitsAsked(hasAnswered)
    if (hasAnswered === isUp) return
    isUp = hasAnswered
    if (isUp) log.info('the store of limits answers again')
    else log.error('the store of limits does not answer: calls that need it are refused')
  }
}

const retryAfter = (attempt: number) => Math.min(50 * 2 ** attempt, LONGEST_RETRY_MS)

async function openRedis(text: string): Promise<Redis | Cluster> {
  // Loaded where it is used: it would add a tenth to each start.
  const { Cluster, Redis } = await import('ioredis')
  const place = readRedisPlace(text)
  const bounds = { enableOfflineQueue: false, commandTimeout: ANSWER_MS, connectTimeout: 2 * ANSWER_MS }
  const redis =
    place.kind === 'one'
      ? new Redis(place.url, { ...bounds, maxRetriesPerRequest: 0, retryStrategy: retryAfter })
      : new Cluster([...place.nodes], {
          enableOfflineQueue: false,
          clusterRetryStrategy: retryAfter,
          maxRedirections: MAX_REDIRECTIONS,
          slotsRefreshTimeout: ANSWER_MS,
          redisOptions: { ...bounds, ...place.options },
        })
  // Who is refused for want of Redis says so; without a listener each failed attempt would print itself.
  redis.on('error', () => undefined)
  const ready = new Promise(resolve => redis.once('ready', resolve))
  await Promise.race([ready, sleep(FIRST_CONNECTION_MS, undefined, { ref: false })])
  return redis
}
