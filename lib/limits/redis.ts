import type { Cluster, Redis } from 'ioredis'
import type { CounterKey, CounterStore, LimitRequest, Reservation, ReserveOutcome } from './model'

// A counter is one hash {start, used}: it knows the window it counts, so that every key a script touches is named to it.
// All keys carry one hash tag, since a call's limits are reserved together and a cluster runs a script in one slot only.
const PREFIX = '{intercept}:limit:'

/** KEYS: counters · ARGV: for each, window seconds, max, cost. Windows by Redis' own clock, as DESIGN asks of every store. */
const RESERVE = `
local now = tonumber(redis.call('TIME')[1])
local starts, pending = {}, {}
for i, key in ipairs(KEYS) do
  local seconds, max, cost = tonumber(ARGV[i * 3 - 2]), tonumber(ARGV[i * 3 - 1]), tonumber(ARGV[i * 3])
  local start = now - now % seconds
  local seen = redis.call('HMGET', key, 'start', 'used')
  local used = pending[key] or (tonumber(seen[1]) == start and tonumber(seen[2]) or 0)
  if cost > 0 and used + cost > max then return {0, i - 1, used, start + seconds} end
  starts[i], pending[key] = start, used + cost
end
for i, key in ipairs(KEYS) do
  local seconds, cost = tonumber(ARGV[i * 3 - 2]), ARGV[i * 3]
  if tonumber(redis.call('HGET', key, 'start')) ~= starts[i] then redis.call('HSET', key, 'start', starts[i], 'used', 0) end
  redis.call('HINCRBY', key, 'used', cost)
  redis.call('EXPIREAT', key, starts[i] + seconds + 60)
end
return {1, unpack(starts)}
`

/** KEYS: counters · ARGV: for each, the window's start and the cost. A window that is over is left alone. */
const REFUND = `
for i, key in ipairs(KEYS) do
  local seen = redis.call('HMGET', key, 'start', 'used')
  if seen[1] == ARGV[i * 2 - 1] then redis.call('HSET', key, 'used', math.max(0, tonumber(seen[2]) - tonumber(ARGV[i * 2]))) end
end
`

/** KEYS: counters · ARGV: the window's start of each. */
const READ = `
local used = {}
for i, key in ipairs(KEYS) do
  local seen = redis.call('HMGET', key, 'start', 'used')
  used[i] = seen[1] == ARGV[i] and tonumber(seen[2]) or 0
end
return used
`

/** Adds the scripts as commands, so that ioredis sends each by its digest. */
interface Scripted {
  interceptReserve(count: number, ...rest: (string | number)[]): Promise<number[]>
  interceptRefund(count: number, ...rest: (string | number)[]): Promise<null>
  interceptRead(count: number, ...rest: (string | number)[]): Promise<number[]>
}

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000)

/**
 * Counters that all proxies share through Redis. Rejects when Redis is out of reach, and the caller then refuses the call:
 * open the client with `enableOfflineQueue: false` and a `commandTimeout`, so that it rejects rather than waits, and without
 * auto-pipelining, which slows scripts down (perf/MEASURED §6).
 */
export class RedisCounterStore implements CounterStore {
  readonly #redis: Scripted

  constructor(redis: Redis | Cluster) {
    redis.defineCommand('interceptReserve', { lua: RESERVE })
    redis.defineCommand('interceptRefund', { lua: REFUND })
    redis.defineCommand('interceptRead', { lua: READ })
    this.#redis = redis as unknown as Scripted
  }

  async reserve(requests: readonly LimitRequest[]): Promise<ReserveOutcome> {
    if (requests.length === 0) return { ok: true, reservation: { taken: [] } }
    const keys = requests.map(({ key }) => PREFIX + key)
    const amounts = requests.flatMap(({ windowSeconds, max, cost }) => [windowSeconds, max, cost])
    const [ok, ...rest] = await this.#redis.interceptReserve(keys.length, ...keys, ...amounts)
    if (ok !== 1) {
      const [index = 0, used = 0, resetsAt = 0] = rest
      return { ok: false, refused: { index, used, resetsAt: resetsAt * 1000 } }
    }
    const taken = requests.map(({ key, cost }, i) => ({ key, cost, windowStart: (rest[i] ?? 0) * 1000 }))
    return { ok: true, reservation: { taken } }
  }

  async refund({ taken }: Reservation): Promise<void> {
    if (taken.length === 0) return
    const keys = taken.map(({ key }) => PREFIX + key)
    await this.#redis.interceptRefund(
      keys.length,
      ...keys,
      ...taken.flatMap(({ windowStart, cost }) => [seconds(windowStart), cost]),
    )
  }

  async read(wanted: readonly CounterKey[]): Promise<ReadonlyMap<string, number>> {
    if (wanted.length === 0) return new Map()
    const keys = wanted.map(({ key }) => PREFIX + key)
    const used = await this.#redis.interceptRead(
      keys.length,
      ...keys,
      ...wanted.map(({ windowStart }) => seconds(windowStart)),
    )
    return new Map(wanted.map(({ key }, i) => [key, used[i] ?? 0]))
  }
}
