import { spawnSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { buildProxy, buildUnrecorded, proxyBundle } from './build'
import { limitsTable } from './limits'
import { measureMemory } from './memory'
import { lookAround } from './missing'
import { measureOpenLoop } from './open-loop'
import { makePlace, type Place } from './place'
import { pinning, stopAll, stopProcess } from './processes'
import { cellTable, isMet, openLoopTable, targetTable } from './report'
import { measure, type Plan } from './rounds'
import { median } from './statistics'
import { stdioWays } from './stdio'
import { targetsOf } from './targets'
import { directWay, nginxWay, ownWay, peerFile, peerWay, relayWay, startUpstream, type Way } from './ways'

const isQuick = process.argv.includes('--quick')
const isMillion = process.argv.includes('--million')
const rounds = isQuick ? 2 : 5

const QUICK = { rounds, seconds: 1, warmUpCalls: 2_000 }
const plans: Record<'json' | 'sse' | 'stdio', Plan> = {
  json: { ...QUICK, warmUpCalls: isQuick ? 2_000 : 25_000, connections: isQuick ? [1, 64] : [1, 16, 64, 256] },
  sse: { ...QUICK, connections: isQuick ? [64] : [1, 64] },
  stdio: { ...QUICK, connections: isQuick ? [64] : [1, 64] },
}

const load = () =>
  loadavg()
    .map(each => each.toFixed(2))
    .join(' ')
const say = (text: string) => console.log(text)

async function openWays(
  place: Place,
  upstreamPort: number,
  answers: 'json' | 'sse',
  unrecorded: string,
): Promise<Way[]> {
  const found = lookAround()
  const upstream = `http://127.0.0.1:${upstreamPort}/${answers}`
  const own = { bundle: proxyBundle, durability: 'append', slug: answers } as const
  const ways = [await directWay(upstream)]
  if (found.nginx) ways.push(await nginxWay(place.folder, upstreamPort, `/${answers}`))
  const environment = { UPSTREAM: upstream, ANSWERS: answers }
  ways.push(await relayWay(environment))
  ways.push((await ownWay(place, { ...own, name: 'ours, no record', bundle: unrecorded })).way)
  ways.push((await ownWay(place, { ...own, name: 'ours, appended' })).way)
  ways.push((await ownWay(place, { ...own, name: 'ours, synced', durability: 'fsync' })).way)
  if (found.peers) ways.push(await peerWay('mcp-proxy', [process.execPath, peerFile('mcp-proxy')], environment))
  if (found.peers) ways.push(await peerWay('SDK gateway', [process.execPath, peerFile('sdk-gateway')], environment))
  return ways
}

const close = (ways: readonly Way[]) => Promise.all(ways.map(way => way.process && stopProcess(way.process)))

async function measureStarts(place: Place): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < rounds; i++) {
    const { way, readyMs } = await ownWay(place, {
      name: `start ${i}`,
      bundle: proxyBundle,
      durability: 'fsync',
      slug: 'json',
    })
    times.push(readyMs)
    await close([way])
  }
  return times
}

async function run(place: Place, upstreamPort: number, unrecorded: string): Promise<boolean> {
  const ways = await openWays(place, upstreamPort, 'json', unrecorded)
  const cells = await measure(place.folder, ways, plans.json)
  say(`\n## JSON answers over HTTP\n\n${cellTable(cells)}`)

  const own = ways.filter(way => !way.isPeer)
  const openLoop = await measureOpenLoop(own, { perSecond: 200, rounds, seconds: isQuick ? 3 : 5 })
  say(`\n## Open loop, 200 calls a second (Poisson)\n\n${openLoopTable(openLoop)}`)

  const calls = isMillion ? 1_000_000 : isQuick ? 20_000 : 100_000
  const appended = ways.find(way => way.name === 'ours, appended') as Way
  const memory = await measureMemory(place.folder, appended, calls)
  const seen = memory.residentMb
  say(`\n## Memory\n\n${memory.calls} calls; MB after each tenth: ${seen.map(each => each.toFixed(0)).join(' ')}`)
  await close(ways)

  const sse = await openWays(place, upstreamPort, 'sse', unrecorded)
  say(`\n## Answers as event streams\n\n${cellTable(await measure(place.folder, sse, plans.sse))}`)
  await close(sse)

  const stdio = await stdioWays(place)
  say(`\n## Upstream over stdio\n\n${cellTable(await measure(place.folder, stdio, plans.stdio))}`)
  await close(stdio)

  say(`\n## Where limits are counted\n\n${await limitsTable(place, plans.stdio)}`)

  const starts = await measureStarts(place)
  const residentMb = Math.max(...seen)
  const growthMb = median(seen.slice(-3)) - median(seen.slice(4, 7))
  const targets = targetsOf(cells, { openLoop, residentMb, growthMb, readyMs: median(starts) })
  say(`\n## Targets of the issue\n\n${targetTable(targets)}`)
  return targets.every(isMet)
}

async function main(): Promise<void> {
  if (!lookAround().wrk) return
  const startedAt = performance.now()
  say(`Node ${process.version}; ${pinning}; load before ${load()}; ${rounds} rounds of ${plans.json.seconds} s`)
  say(spawnSync('nginx', ['-v'], { encoding: 'utf8' }).stderr?.trim() ?? '')
  buildProxy()
  const unrecorded = await buildUnrecorded()
  let place: Place | null = null
  try {
    const upstream = await startUpstream()
    const http = (slug: string, per: 'session' | 'server' = 'session') => {
      const answers = slug === 'sse' ? 'sse' : 'json'
      return { slug, url: `http://127.0.0.1:${upstream.port}/${answers}`, per }
    }
    const command = [process.execPath, new URL('./stdio-upstream.mjs', import.meta.url).pathname]
    place = await makePlace([
      http('json'),
      http('sse'),
      http('shared', 'server'),
      { slug: 'stdio', command, per: 'session' },
    ])
    const isAllMet = await run(place, upstream.port, unrecorded.file)
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    say(
      `\nLoad after ${load()}; ${seconds} s in all. ${isAllMet ? 'All targets are met.' : 'Not all targets are met.'}`,
    )
  } finally {
    await stopAll()
    unrecorded.remove()
    await place?.close()
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stopAll().then(() => process.exit(130)))
await main()
