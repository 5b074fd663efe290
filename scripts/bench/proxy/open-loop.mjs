// Calls at random moments (Poisson), as people and agents make them, whatever the answers take. Prints one line of JSON.
import { createRequire } from 'node:module'

const { Pool } = createRequire(import.meta.url)('undici')
const { url, headers, sessions, before, after, perSecond, seconds, seed } = JSON.parse(process.env.PLAN)
const { origin, pathname } = new URL(url)
const pool = new Pool(origin, { connections: 64 })
const times = []
let errors = 0
let id = seed

async function call() {
  id += 1
  const own = sessions.length > 0 ? { 'mcp-session-id': sessions[id % sessions.length] } : {}
  const from = performance.now()
  try {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: pathname,
      headers: { ...headers, ...own },
      body: `${before}${id}${after}`,
    })
    await body.text()
    if (statusCode !== 200) errors += 1
    times.push(performance.now() - from)
  } catch {
    errors += 1
  }
}

const begin = performance.now()
let due = begin
while (due - begin < seconds * 1000) {
  due += (-Math.log(1 - Math.random()) / perSecond) * 1000
  const wait = due - performance.now()
  if (wait > 0.3) await new Promise(resolve => setTimeout(resolve, Math.round(wait)))
  void call()
}
await new Promise(resolve => setTimeout(resolve, 300))
times.sort((a, b) => a - b)
const at = share => times[Math.min(times.length - 1, Math.floor(share * times.length))]
process.stdout.write(`${JSON.stringify({ calls: times.length, errors, p50: at(0.5), p95: at(0.95), p99: at(0.99) })}\n`)
await pool.destroy()
