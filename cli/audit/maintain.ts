import { maintainAsConfigured, sayDropped } from '@/lib/audit/retention/run'
import { startPostgres } from '@/lib/db/embedded-postgres'
import { readEnv } from '@/lib/env'
import { runAction } from '../policy/bad-input'

/** `intercept audit maintain`: 0 done, 1 something is left for the next time. */
export async function maintain(): Promise<void> {
  await runAction(async () => {
    const env = readEnv()
    const embedded = env.databaseUrl === undefined ? await startPostgres(env.dataDir) : null
    try {
      const maintained = await maintainAsConfigured(env, env.databaseUrl ?? (embedded?.ownerUrl as string))
      const dropped = sayDropped(maintained)
      const made = maintained.made === 0 ? '' : `${maintained.made} partitions made. `
      const kept = env.retentionDays === undefined ? 'Records are kept for ever.' : 'Nothing was due to be dropped.'
      process.stdout.write(`${made}${dropped ?? kept}\n`)
      if (maintained.problem) process.stderr.write(`${maintained.problem}\n`)
      return maintained.problem === null ? 0 : 1
    } finally {
      // One that ran before goes on running.
      if (embedded && !embedded.adopted) await embedded.stop()
    }
  })
}
