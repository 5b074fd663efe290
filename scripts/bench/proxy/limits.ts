import { proxyBundle } from './build'
import { lookAround } from './missing'
import type { Place } from './place'
import { CORES, freePort, startProcess, stopProcess } from './processes'
import { cellTable } from './report'
import { measure, type Plan } from './rounds'
import { ownWay, type Way } from './ways'

/** Our proxy with a limit that each session has, with one that all callers share in Postgres, and with that in Redis. */
export async function limitsTable(place: Place, plan: Plan): Promise<string> {
  const own = { bundle: proxyBundle, durability: 'append' } as const
  const ways: Way[] = [
    (await ownWay(place, { ...own, slug: 'json', name: 'per session' })).way,
    (await ownWay(place, { ...own, slug: 'shared', name: 'shared, in Postgres' })).way,
  ]
  let redis = null
  if (lookAround().redis) {
    const port = await freePort()
    redis = startProcess(['redis-server', '--port', `${port}`, '--bind', '127.0.0.1', '--save', ''], {
      core: CORES.others,
    })
    const environment = { REDIS_URL: `redis://127.0.0.1:${port}` }
    ways.push((await ownWay(place, { ...own, slug: 'shared', name: 'shared, in Redis', environment })).way)
  }
  const cells = await measure(place.folder, ways, plan)
  for (const way of ways) if (way.process) await stopProcess(way.process)
  if (redis) await stopProcess(redis)
  return cellTable(cells)
}
