import { hostname } from 'node:os'
import type { Environment } from '@/lib/env'
import { openSinks } from '../outside/sinks'
import { openRetentionKey } from '../signing-key'
import { type Maintained, maintainRecord } from './maintain'

/** Days for which partitions are made ahead; maintenance runs every few hours, so a week survives a long stop. */
export const DAYS_AHEAD = 7

/** The maintenance that the environment describes, as `npm start` runs it and `intercept audit maintain` does. */
export function maintainAsConfigured(env: Environment, ownerUrl: string): Promise<Maintained> {
  return maintainRecord({
    ownerUrl,
    retentionDays: env.retentionDays,
    openKey: () => openRetentionKey(env.dataDir, env.retentionKey),
    sinks: openSinks({
      file: env.checkpointFile,
      url: env.checkpointUrl,
      token: env.checkpointToken,
      bucket: env.checkpointBucket,
    }),
    by: hostname(),
    daysAhead: DAYS_AHEAD,
  })
}

/** What was dropped, in a sentence; null when nothing was. */
export function sayDropped({ dropped }: Pick<Maintained, 'dropped'>): string | null {
  const [first, last] = [dropped.at(0), dropped.at(-1)]
  if (!first || !last) return null
  const sum = (of: (each: (typeof dropped)[number]) => number) =>
    dropped.reduce((all, each) => all + of(each), 0).toLocaleString('en')
  const days =
    dropped.length === 1 ? first.from.slice(0, 10) : `${first.from.slice(0, 10)} to ${last.from.slice(0, 10)}`
  const signed = dropped.length === 1 ? `statement ${first.number}` : `statements ${first.number} to ${last.number}`
  return (
    `Retention dropped ${days}: ${sum(each => each.decisions)} decisions and ${sum(each => each.outcomes)} outcomes ` +
    `(signed ${signed}).`
  )
}
