import { exportRecord } from '@/lib/audit/export/export'
import { closeDatabase } from '@/lib/db/current'
import { thisActor } from '../output'
import { BadInput, runAction } from '../policy/bad-input'
import { filterOf, type NarrowedOptions } from './narrowed'
import { readPast } from './past'
import { writeFileOut, writeOut } from './write-out'

interface Options extends NarrowedOptions {
  readonly format: 'ndjson' | 'csv'
  readonly since?: string
  readonly until?: string
  readonly proof?: boolean
  readonly output?: string
}

/** `intercept audit export`. */
export async function exportTo(options: Options): Promise<void> {
  await runAction(async () => {
    const { format, output } = options
    const proof = options.proof === true
    const now = Date.now()
    const since = options.since === undefined ? null : readPast('since', options.since, now)
    const until = options.until === undefined ? null : readPast('until', options.until, now)
    const { conditions } = filterOf(options)
    if (proof && format === 'csv') throw new BadInput('--proof needs --format ndjson: a table has no place for it.')
    if (proof && conditions.length === 0)
      throw new BadInput('--proof is for a narrowed export: this one leaves nothing out, and is verified without.')
    try {
      const lines = exportRecord(await thisActor(), { format, conditions, since, until, proof })
      await (output === undefined ? writeOut(lines) : writeFileOut(lines, output))
    } finally {
      await closeDatabase()
    }
    return 0
  })
}
