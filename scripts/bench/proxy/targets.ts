import type { OpenLoop } from './open-loop'
import type { Target } from './report'
import type { Cell } from './rounds'

/** What else is measured beside cells. */
export interface Others {
  readonly openLoop: readonly OpenLoop[]
  readonly residentMb: number
  readonly growthMb: number
  readonly readyMs: number
}

const AT = 64

/** Each target of the issue *Wire* against what this run measured; those whose parts were not measured are left out. */
export function targetsOf(cells: readonly Cell[], others: Others): Target[] {
  const targets: Target[] = []
  const peers = cells.filter(cell => cell.way.isPeer && cell.connections === AT)
  const best = Math.max(0, ...peers.map(cell => cell.callsPerSecond))
  const peersP50 = Math.min(Number.POSITIVE_INFINITY, ...peers.map(cell => cell.p50Ms))
  for (const { name, ofPeer, ofNginx, cpuUs, addedMs, ofUnrecorded } of BOUNDS) {
    const own = find(cells, name, AT)
    const alone = find(cells, name, 1)
    const [nginx, direct] = [find(cells, 'nginx', AT), find(cells, 'direct', 1)]
    const add = (what: string, measured: number, limit: number, unit: string, isFloor = false) =>
      targets.push({ what: `${name}: ${what}`, measured, limit, unit, isFloor })
    if (own && best > 0) add('throughput at 64, of the best peer', own.callsPerSecond / best, ofPeer, '×', true)
    if (own && nginx) add('throughput at 64, of nginx', own.callsPerSecond / nginx.callsPerSecond, ofNginx, '×', true)
    if (own) add('CPU per call at 64', own.cpuUs ?? 0, cpuUs, 'µs')
    if (alone && direct) add('added p50 at 1', alone.p50Ms - direct.p50Ms, addedMs, 'ms')
    if (own && peers.length > 0) add('p99 at 64, under every peer’s p50', own.p99Ms, peersP50, 'ms')
    const added = addedP99(others.openLoop, name)
    const bare = addedP99(others.openLoop, 'ours, no record')
    if (added !== null && bare !== null)
      add('open loop, added p99 of that without record', added / bare, ofUnrecorded, '×')
  }
  if (others.residentMb > 0) {
    targets.push({ what: 'resident memory', measured: others.residentMb, limit: 180, unit: 'MB', isFloor: false })
    targets.push({
      what: 'its growth over the second half',
      measured: others.growthMb,
      limit: 10,
      unit: 'MB',
      isFloor: false,
    })
  }
  if (others.readyMs > 0)
    targets.push({ what: 'start to ready', measured: others.readyMs, limit: 1_000, unit: 'ms', isFloor: false })
  return targets
}

const BOUNDS = [
  { name: 'ours, appended', ofPeer: 10, ofNginx: 0.45, cpuUs: 120, addedMs: 0.5, ofUnrecorded: 1.6 },
  { name: 'ours, synced', ofPeer: 9, ofNginx: 0.38, cpuUs: 150, addedMs: 1.0, ofUnrecorded: 1.9 },
] as const

function find(cells: readonly Cell[], name: string, connections: number): Cell | undefined {
  return cells.find(cell => cell.way.name === name && cell.connections === connections)
}

function addedP99(runs: readonly OpenLoop[], name: string): number | null {
  const [own, direct] = [name, 'direct'].map(each => runs.find(run => run.way.name === each))
  return own && direct ? own.p99Ms - direct.p99Ms : null
}
