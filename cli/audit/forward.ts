import pino from 'pino'
import { Forwarder } from '@/lib/audit/sinks/forward/forwarder'
import { readEnv } from '@/lib/env'
import { BadInput, runAction } from '../policy/bad-input'

/** Whoever asked for the end waits this long; what is under way is sent again by the next one. */
const STOP_MS = 900

/** `intercept audit forward`. Structured lines on standard error. */
export async function forward(): Promise<void> {
  await runAction(async () => {
    const env = readEnv()
    const log = pino({ base: { part: 'forwarder' }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2))
    const { consoleDatabaseUrl: databaseUrl, secret, sinkFiles: filesFolder, forwarderMetricsPort: metricsPort } = env
    const forwarder = new Forwarder({ databaseUrl, secret, filesFolder, metricsPort, log })
    await forwarder.start().catch(error => {
      throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
        ? new BadInput(`Port ${metricsPort} is in use. Stop what uses it, or set FORWARDER_METRICS_PORT to another.`)
        : error
    })
    await new Promise<void>(resolve => {
      process.once('SIGINT', () => resolve())
      process.once('SIGTERM', () => resolve())
    })
    setTimeout(() => process.exit(0), STOP_MS).unref()
    await forwarder.stop()
    return 0
  })
}
