import type { Pool, PoolClient } from 'pg'

/**
 * The one way `store.ts` files speak to Postgres: the proxy hands in its pool, the console its pool or a running
 * transaction. Parameters are positional (`$1`); pass objects for jsonb as `JSON.stringify`d text with a cast.
 */
export interface Sql {
  query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<Row[]>
}

/** `Sql` over a node-postgres pool or client. */
export function sqlOver(source: Pool | PoolClient): Sql {
  return {
    async query<Row extends object>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
      const result = await source.query(text, parameters as unknown[])
      return result.rows as Row[]
    },
  }
}
