import pg from 'pg'
import { sqlOver } from '@/lib/db/sql'
import { checkpointDigest } from '../checkpoint'
import { recordCalls, recordCheckpoints } from '../store'
import type { TestChain } from './chains'

/** Records a chain through the record's only doors, as a proxy ships it. */
export async function recordChain(proxyUrl: string, { chain, links, checkpoints }: TestChain): Promise<void> {
  const pool = new pg.Pool({ connectionString: proxyUrl, max: 1 })
  const lines = (kind: string, from: number) =>
    links
      .slice(from, from + 5_000)
      .filter(link => link.kind === kind)
      .map(
        ({ record, sequence, hash }) =>
          `${(record ?? '').slice(0, -1)},"chain":"${chain}","sequence":${sequence},"hash":"${hash}"}`,
      )
  try {
    const sql = sqlOver(pool)
    for (let from = 0; from < links.length; from += 5_000)
      await recordCalls(sql, lines('decision', from), lines('outcome', from))
    const signed = checkpoints.map(each => JSON.stringify({ digest: checkpointDigest(each), ...each }))
    await recordCheckpoints(sql, signed)
  } finally {
    await pool.end()
  }
}
