import pg from 'pg'

/**
 * A pool whose connections may die at any moment: what runs on one then rejects, and that is all. Without listeners the
 * `error` of a connection that is idle, or of one that somebody holds, would end the process.
 */
export function openPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config)
  pool.on('error', () => undefined)
  pool.on('connect', client => client.on('error', () => undefined))
  return pool
}
