import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { sqlOver } from '@/lib/db/sql'
import { silentLog } from '@/proxy/log'
import { Shipper } from '@/proxy/shipper'
import { Spool } from '@/proxy/spool'
import { backendMs } from './processor-time'
import { type Spooled, writeSpool } from './spooled'

export interface Shipped extends Spooled {
  /** On the wall. */
  readonly seconds: number
  /** Processor time a record, in microseconds, of Postgres' backend and of the shipper. */
  readonly postgresUs: number
  readonly shipperUs: number
}

/** Spools `calls` calls as of an outage of so many seconds, then ships them with the proxy's own shipper and right. */
export async function measureShipping(proxyUrl: string, calls: number, seconds: number): Promise<Shipped> {
  const directory = mkdtempSync(path.join(tmpdir(), 'intercept-bench-spool-'))
  const pool = new pg.Pool({ connectionString: proxyUrl, max: 1 })
  try {
    const spooled = writeSpool(directory, calls, seconds)
    const { rows } = await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const pid = rows[0]?.pid ?? 0
    const spool = new Spool({ directory, durability: 'append', maxBytes: 64e9, identityShare: 1 })
    const shipper = new Shipper(spool, directory, sqlOver(pool), silentLog)
    const [backendBegan, cpu, began] = [backendMs([pid]), process.cpuUsage(), performance.now()]
    shipper.start()
    while (shipper.pendingBytes > 0) await sleep(5)
    const took = (performance.now() - began) / 1000
    const { user, system } = process.cpuUsage(cpu)
    const postgresUs = ((backendMs([pid]) - backendBegan) * 1000) / spooled.records
    await shipper.stop(0)
    await spool.close()
    return { ...spooled, seconds: took, postgresUs, shipperUs: (user + system) / spooled.records }
  } finally {
    await pool.end()
    rmSync(directory, { recursive: true, force: true })
  }
}
