import { expect, test } from 'vitest'
import { type RedisPlace, readRedisPlace } from './redis-place'

const cluster = (nodes: { host: string; port: number }[], options = {}): RedisPlace => ({
  kind: 'cluster',
  nodes,
  options,
})
const a = { host: 'a', port: 6379 }

test.each<[text: string, place: RedisPlace]>([
  ['redis://a:7000/2', { kind: 'one', url: 'redis://a:7000/2' }],
  ['rediss://u:p@a', { kind: 'one', url: 'rediss://u:p@a' }],
  ['/run/redis.sock', { kind: 'one', url: '/run/redis.sock' }],
  ['redis+cluster://a', cluster([a])],
  ['redis://a, redis://b:7001', cluster([a, { host: 'b', port: 7001 }])],
  ['rediss+cluster://u:p%40ss@a', cluster([a], { username: 'u', password: 'p@ss', tls: {} })],
])('%s', (text, place) => {
  expect(readRedisPlace(text)).toEqual(place)
})

test.each(['http://a', 'redis://', 'nonsense', 'redis://a,', 'redis://a,rediss://b', 'redis+cluster://a/3'])(
  '%s is refused in a sentence',
  text => {
    expect(() => readRedisPlace(text)).toThrow(/^REDIS_URL/)
  },
)
