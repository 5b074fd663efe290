import { residentMb } from './processes'
import type { Way } from './ways'
import { runWrk } from './wrk'

export interface Memory {
  readonly calls: number
  /** After each tenth of the calls, MB. */
  readonly residentMb: readonly number[]
}

/** Sends so many calls through a way and looks at its process's resident memory on the way. */
export async function measureMemory(folder: string, way: Way, calls: number): Promise<Memory> {
  const id = way.process?.pid
  if (id === undefined) throw new Error(`${way.name} has no process of its own.`)
  const seen: number[] = []
  let done = 0
  for (let tenth = 1; tenth <= 10; tenth++) {
    // A machine that is busy gets its time, but not for ever.
    for (let i = 0; i < 100 && done < (calls * tenth) / 10; i++)
      done += (await runWrk(folder, way.target, 64, calls > 200_000 ? 3 : 1)).calls
    seen.push(residentMb(id))
  }
  await way.settle()
  return { calls: done, residentMb: seen }
}
