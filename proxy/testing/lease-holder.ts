import pg from 'pg'
import { sqlOver } from '@/lib/db/sql'
import { openSharedLimits } from '../shared-limits'

// A process that takes from a counter until a test kills it: node --import tsx lease-holder.ts <redis or ''> <database> <key> <max> <calls>
const [redis, database, key = '', max, calls] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: database, max: 4 })
const { store } = await openSharedLimits(redis || undefined, sqlOver(pool))
const windowSeconds = 86_400
const windowStart = Math.floor(Date.now() / (windowSeconds * 1000)) * windowSeconds * 1000
let passed = 0
for (let i = 0; i < Number(calls); i++) {
  const request = { key, windowStart, windowSeconds, max: Number(max) * 1_000_000, cost: 1_000_000 }
  if ((await store.reserve([request], Date.now())).ok) passed += 1
}
process.stdout.write(`${passed}\n`)
setInterval(() => undefined, 1_000)
