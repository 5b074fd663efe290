import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { FORWARDER_LOCK } from '../store'

const TRY_EVERY_MS = 1_000
const AGAIN_MS = 1_000

/** What happens while this process is the one that forwards. */
export interface Holder {
  /** Runs until `signal` aborts: because it is to stop, or because the lock was lost. */
  run(signal: AbortSignal): Promise<void>
  /** Something was notified on a channel. */
  notified(channel: string): void
  /** Postgres cannot be reached, or went away. */
  failed(error: Error): void
}

/**
 * Waits until no other process forwards for this database, then runs `holder` while a session of Postgres holds the lock.
 * The session ends with the process, also by `kill -9`, and on a host that vanished after half a minute.
 */
export async function holdLock(
  databaseUrl: string,
  channels: readonly string[],
  holder: Holder,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000, keepAlive: true })
    const lost = new AbortController()
    client.on('error', () => lost.abort())
    client.on('end', () => lost.abort())
    client.on('notification', ({ channel }) => holder.notified(channel))
    try {
      await client.connect()
      await client.query('SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4')
      await waitForLock(client, AbortSignal.any([signal, lost.signal]))
      for (const channel of channels) await client.query(`LISTEN ${client.escapeIdentifier(channel)}`)
      await holder.run(AbortSignal.any([signal, lost.signal]))
      if (!signal.aborted) throw new Error('The connection that held the lock was lost.')
    } catch (error) {
      if (!signal.aborted) holder.failed(error as Error)
    } finally {
      await client.end().catch(() => undefined)
    }
    await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined)
  }
}

async function waitForLock(client: pg.Client, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS held', [
      ...FORWARDER_LOCK,
    ])
    if (rows[0]?.held) return
    await sleep(TRY_EVERY_MS, undefined, { signal })
  }
}
