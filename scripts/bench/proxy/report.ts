import type { OpenLoop } from './open-loop'
import type { Cell } from './rounds'

type Row = readonly (string | number)[]

/** A table of Markdown, its columns aligned. */
export function table(head: Row, rows: readonly Row[]): string {
  const all = [head, ...rows].map(row => row.map(String))
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map(row => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0))).join(' | ')} |`
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  const [first = [], ...others] = all
  return [line(first), rule, ...others.map(line)].join('\n')
}

/** Closed-loop cells, with each way's throughput as a share of direct and of nginx at the same concurrency. */
export function cellTable(cells: readonly Cell[]): string {
  const at = (name: string, connections: number) =>
    cells.find(cell => cell.way.name === name && cell.connections === connections)
  const share = (cell: Cell, name: string) => {
    const other = at(name, cell.connections)
    return other ? (cell.callsPerSecond / other.callsPerSecond).toFixed(3) : '–'
  }
  const rows = cells.map(cell => [
    cell.way.name,
    cell.connections,
    Math.round(cell.callsPerSecond),
    cell.noise,
    share(cell, 'direct'),
    share(cell, 'nginx'),
    cell.p50Ms.toFixed(2),
    cell.p95Ms.toFixed(2),
    cell.p99Ms.toFixed(2),
    cell.cpuUs === null ? '–' : Math.round(cell.cpuUs),
    cell.errors,
  ])
  const head = ['way', 'c', 'calls/s', 'rounds', '/direct', '/nginx', 'p50 ms', 'p95 ms', 'p99 ms', 'CPU µs', 'errors']
  return table(head, rows)
}

export function openLoopTable(runs: readonly OpenLoop[]): string {
  const direct = runs.find(run => run.way.name === 'direct')
  const rows = runs.map(run => [
    run.way.name,
    run.p50Ms.toFixed(2),
    run.p95Ms.toFixed(2),
    run.p99Ms.toFixed(2),
    direct ? (run.p50Ms - direct.p50Ms).toFixed(2) : '–',
    direct ? (run.p99Ms - direct.p99Ms).toFixed(2) : '–',
    run.errors,
  ])
  return table(['way', 'p50 ms', 'p95 ms', 'p99 ms', 'added p50', 'added p99', 'errors'], rows)
}

export interface Target {
  readonly what: string
  readonly measured: number
  readonly limit: number
  /** Whether more is better. */
  readonly isFloor: boolean
  readonly unit: string
}

export function isMet({ measured, limit, isFloor }: Target): boolean {
  return isFloor ? measured >= limit : measured <= limit
}

export function targetTable(targets: readonly Target[]): string {
  const digits = (number: number) => (Math.abs(number) < 10 ? number.toFixed(2) : number.toFixed(0))
  const rows = targets.map(target => [
    target.what,
    `${target.isFloor ? '≥' : '≤'} ${digits(target.limit)} ${target.unit}`,
    digits(target.measured),
    isMet(target) ? 'met' : 'NOT MET',
  ])
  return table(['target', 'limit', 'measured', ''], rows)
}
