import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { migrate } from '@/prisma/migrate'
import { startPostgres } from './embedded-postgres'
import { findPostmaster, isAlive, stopPostmaster } from './postmaster'

declare module 'vitest' {
  interface ProvidedContext {
    /** Owner's url of the migrated template; null when this run has no Postgres. */
    templateOwnerUrl: string
    templateSuperuserUrl: string
  }
}

const prefix = 'intercept-test-'

/** Removes what killed test runs left: their Postgres lives on, and its folder with it. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter(each => each.startsWith(prefix))) {
    const folder = path.join(tmpdir(), name)
    try {
      if (isAlive(Number.parseInt(readFileSync(path.join(folder, 'runner.pid'), 'utf8'), 10))) continue
    } catch {
      continue // another run is just making it
    }
    const left = findPostmaster(path.join(folder, 'postgres/cluster'))
    if (left) await stopPostmaster(left.pid)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Starts one Postgres for a run of vitest and migrates the template that `testDatabase()` copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep()
  const folder = mkdtempSync(path.join(tmpdir(), prefix))
  writeFileSync(path.join(folder, 'runner.pid'), String(process.pid))
  chmodSync(folder, 0o711)
  // A test's data is worth nothing: no need to wait for the disk.
  const postgres = await startPostgres(folder, {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '300',
  })
  await migrate(postgres.ownerUrl)
  project.provide('templateOwnerUrl', postgres.ownerUrl)
  project.provide('templateSuperuserUrl', postgres.superuserUrl)
  return async () => {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
