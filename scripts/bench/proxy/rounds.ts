import { cpuSeconds } from './processes'
import { median, spread } from './statistics'
import type { Way } from './ways'
import { runWrk, type WrkResult } from './wrk'

/** What rounds at one concurrency say of one way. */
export interface Cell {
  readonly way: Way
  readonly connections: number
  readonly callsPerSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  /** Microseconds that its process took for a call, with shipping the record; null where it has none. */
  readonly cpuUs: number | null
  /** How far the rounds' throughputs lie apart. */
  readonly noise: string
  readonly errors: number
}

export interface Plan {
  readonly connections: readonly number[]
  readonly rounds: number
  readonly seconds: number
  /** Calls through each way before anything is measured, since V8 compiles what runs often. */
  readonly warmUpCalls: number
}

interface Sample extends WrkResult {
  readonly cpuUs: number | null
}

/** Measures ways in turn, round by round, so that what else the machine does falls on all of them. */
export async function measure(folder: string, ways: readonly Way[], plan: Plan): Promise<Cell[]> {
  for (const way of ways) await warmUp(folder, way, plan.warmUpCalls)
  const samples = new Map<string, Sample[]>()
  for (let round = 0; round < plan.rounds; round++) {
    for (const connections of plan.connections) {
      for (const way of ways) {
        const place = `${way.name} ${connections}`
        const sample = await measureOnce(folder, way, connections, plan.seconds)
        samples.set(place, [...(samples.get(place) ?? []), sample])
      }
    }
  }
  return plan.connections.flatMap(connections =>
    ways.map(way => cellOf(way, connections, samples.get(`${way.name} ${connections}`) ?? [])),
  )
}

async function warmUp(folder: string, way: Way, calls: number): Promise<void> {
  // Peers are slow; what they do not reach in these rounds they are spared.
  for (let done = 0, i = 0; done < calls && i < 5; i++) done += (await runWrk(folder, way.target, 64, 1)).calls
  await way.settle()
}

async function measureOnce(folder: string, way: Way, connections: number, seconds: number): Promise<Sample> {
  const id = way.process?.pid
  const before = id === undefined ? 0 : cpuSeconds(id)
  const result = await runWrk(folder, way.target, connections, seconds)
  await way.settle()
  const cpuUs = id === undefined ? null : ((cpuSeconds(id) - before) * 1e6) / Math.max(1, result.calls)
  return { ...result, cpuUs }
}

function cellOf(way: Way, connections: number, samples: readonly Sample[]): Cell {
  const of = (pick: (sample: Sample) => number) => median(samples.map(pick))
  return {
    way,
    connections,
    callsPerSecond: of(sample => sample.callsPerSecond),
    p50Ms: of(sample => sample.p50Ms),
    p95Ms: of(sample => sample.p95Ms),
    p99Ms: of(sample => sample.p99Ms),
    cpuUs: way.process === null ? null : of(sample => sample.cpuUs ?? 0),
    noise: spread(samples.map(sample => sample.callsPerSecond)),
    errors: samples.reduce((sum, sample) => sum + sample.errors, 0),
  }
}
