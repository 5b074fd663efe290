import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { type Prisma, PrismaClient } from './generated/client'
import { openPool } from './pool'
import { type Sql, sqlOver } from './sql'

export { Prisma, type PrismaClient } from './generated/client'

/** A running transaction of the generated client; `commands.ts` write their change record in it. */
export type Transaction = Prisma.TransactionClient

/** The console's and the command line's database: the generated client and plain SQL over one pool. */
export interface Database {
  prisma: PrismaClient
  sql: Sql
  pool: pg.Pool
  close(): Promise<void>
}

/**
 * Opens the database at `url`. Connects on first use; `connections` bounds the pool.
 * @throws nothing; a wrong address shows on the first query.
 */
export function openDatabase(url: string, connections = 10): Database {
  const pool = openPool({ connectionString: url, max: connections, connectionTimeoutMillis: 5_000 })
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  return {
    prisma,
    sql: sqlOver(pool),
    pool,
    async close() {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}

/** `Sql` inside a transaction of the generated client, so that `store.ts` functions take part in it. */
export function sqlIn(transaction: Transaction): Sql {
  return {
    query: <Row extends object>(text: string, parameters: readonly unknown[] = []) =>
      transaction.$queryRawUnsafe<Row[]>(text, ...parameters),
  }
}
