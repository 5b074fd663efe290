import { setFlagsFromString } from 'node:v8'
import { readEnv } from '@/lib/env'
import { openLog } from './log'
import { type ProxySettings, startProxy } from './proxy'
import { VERSION } from './version'

/** The proxy's process: builds the parts, and stops them in reverse order when it is asked to. */
async function main(): Promise<void> {
  // What lives here is some 26 MB. V8 would let garbage grow to four times that before it looks; looking sooner costs nothing
  // that can be measured and keeps 40 MB free.
  setFlagsFromString('--heap-growing-percent=60')
  const env = readEnv()
  const log = openLog(env.proxyName)
  const settings: ProxySettings = {
    name: env.proxyName,
    version: VERSION,
    host: env.proxyHost,
    port: env.proxyPort,
    publicUrl: env.proxyUrl,
    databaseUrl: env.proxyDatabaseUrl,
    dataDir: env.dataDir,
    secret: env.secret,
    durability: env.auditDurability,
    spoolMaxBytes: env.spoolMaxBytes,
    identityShare: env.identityShare,
    searchPath: env.searchPath,
    bundleMaxAgeMs: env.bundleMaxAgeMs,
    redisUrl: env.redisUrl,
    tls: env.proxyTls,
    tracing: env.tracing,
    drainMs: env.proxyDrainMs,
    metricsFrom: env.proxyMetrics,
    signingKey: env.auditSigningKey,
    checkpointFile: env.checkpointFile,
    checkpointUrl: env.checkpointUrl,
    checkpointToken: env.checkpointToken,
    checkpointBucket: env.checkpointBucket,
    timestampUrl: env.timestampUrl,
  }
  const proxy = await startProxy(settings, log)
  log.info({ host: settings.host, port: proxy.port }, 'the proxy listens')
  let isStopping = false
  const stop = () => {
    if (isStopping) return
    isStopping = true
    // Whoever asked waits three seconds at most, and what calls get beyond one, whatever a part is stuck in.
    setTimeout(() => process.exit(1), 2_900 + Math.max(0, env.proxyDrainMs - 1_000)).unref()
    proxy.stop().then(
      () => process.exit(0),
      error => {
        log.error({ error }, 'a part did not stop')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

main().catch(error => {
  process.stderr.write(`The proxy could not start: ${describe(error)}\n`)
  process.exit(1)
})

function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return 'its port is in use. Stop what uses it, or set PROXY_PORT.'
  return message
}
