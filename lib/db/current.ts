import { readEnv } from '@/lib/env'
import { type Database, openDatabase } from './client'

// On globalThis, since Next may load this module once per bundle and a pool must exist once per process.
const holder = globalThis as typeof globalThis & { interceptDatabase?: Database }

/** The database of this console or command line, opened on first use with the console's role. */
export function database(): Database {
  holder.interceptDatabase ??= openDatabase(readEnv().consoleDatabaseUrl)
  return holder.interceptDatabase
}

/** Puts another database in its place; tests hand in one of their own. */
export function replaceDatabase(next: Database | undefined): void {
  holder.interceptDatabase = next
}

/** Ends the connections, if any were opened; a command line calls it last. */
export async function closeDatabase(): Promise<void> {
  const open = holder.interceptDatabase
  holder.interceptDatabase = undefined
  await open?.close()
}
