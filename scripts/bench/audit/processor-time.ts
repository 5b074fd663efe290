import { readFileSync } from 'node:fs'

/** A tick of the kernel's clock, in milliseconds. */
const TICK_MS = 10

/**
 * Processor time that processes took so far, in milliseconds, in steps of ten; 0 where the kernel does not say. On a machine
 * that does other things too it says what the wall clock cannot.
 */
export function backendMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticksOf(pid), 0) * TICK_MS
}

function ticksOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
  } catch {
    return 0
  }
}
