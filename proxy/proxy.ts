import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { Counter, type Registry } from 'prom-client'
import { openPool } from '@/lib/db/pool'
import { sqlOver } from '@/lib/db/sql'
import type { TracingSettings } from '@/lib/env-tracing'
import { deriveKey } from '@/lib/secret'
import { BundleSource } from './bundle-source'
import { Chain } from './chain'
import { type CheckpointSettings, openCheckpoints } from './checkpoints'
import { DatabaseRecord } from './database-record'
import { DecisionWriter } from './decision-writer'
import { DefinitionReports } from './definition-reports'
import { Enforcer } from './enforce'
import { GapWatch } from './gap-watch'
import { Heartbeat } from './heartbeat'
import { LastKnownGood } from './last-known-good'
import { Limits } from './limits'
import type { Log } from './log'
import { McpEndpoint } from './mcp/endpoint'
import type { TlsFiles } from './mcp/front-server'
import { DRAIN_MS, Listener } from './mcp/listener'
import { ModernEndpoint } from './mcp/modern-endpoint'
import { ModernServers } from './mcp/modern-servers'
import { sessionParts } from './mcp/session-parts'
import { Sessions } from './mcp/sessions'
import { Upstreams } from './mcp/upstreams'
import { Metrics } from './metrics'
import { openTracing, type SpanCount } from './open-tracing'
import { Refusals } from './refusals'
import { openSharedLimits, watchStore } from './shared-limits'
import { Shipper } from './shipper'
import { Spool } from './spool'
import { recoverSpool } from './spool-recovery'

export interface ProxySettings extends CheckpointSettings {
  readonly version: string
  readonly host: string
  readonly port: number
  readonly publicUrl: string
  readonly databaseUrl: string
  readonly secret: string
  readonly durability: 'fsync' | 'append' | 'database'
  readonly spoolMaxBytes: number
  /** Part of it that one identity's decisions may take; a tenth unless given. */
  readonly identityShare?: number
  readonly searchPath: string
  /** How long what Postgres has not confirmed may decide; 24 hours unless given. */
  readonly bundleMaxAgeMs?: number
  /** Where proxies share their limits; Postgres unless given. */
  readonly redisUrl?: string | undefined
  /** Clients connect over TLS; in the clear unless given. */
  readonly tls?: TlsFiles | undefined
  /** What calls under way get to end when it stops; a second unless given. */
  readonly drainMs?: number | undefined
  /** Who may read `/metrics`: this host alone unless given. */
  readonly metricsFrom?: 'loopback' | 'anywhere' | undefined
  /** Where spans of calls go; none are made unless given. */
  readonly tracing?: TracingSettings | undefined
}

const DAY_MS = 24 * 3_600_000

export interface RunningProxy {
  /** The port it listens on. */
  readonly port: number
  /** Stops the parts in reverse order, within three seconds and what calls under way get beyond one. */
  stop(): Promise<void>
}

/** How long what is spooled may still be shipped when the proxy stops; the rest ships at the next start. */
const LAST_SHIPPING_MS = 500
const PART_STOP_MS = 1_200
const DRAIN_GRACE_MS = 200
/** How long a call waits for its record where that is committed in Postgres. */
const COMMIT_TIMEOUT_MS = 2_000

/**
 * Builds the parts and starts them. Resolves when it listens; whether a bundle is in force then, `/readyz` tells.
 * @throws Error when the spool is in use or the port is taken; nothing is left running then
 */
export async function startProxy(settings: ProxySettings, log: Log): Promise<RunningProxy> {
  const stops: Stop[] = []
  const stop = async () => {
    // One part that hangs, say on a frozen Postgres, must not keep the others from stopping.
    for (const part of stops.splice(0).reverse()) await Promise.race([part(), sleep(PART_STOP_MS)])
  }
  try {
    const { port, drain } = await build(settings, log, stops)
    const drainMs = (settings.drainMs ?? DRAIN_MS) + DRAIN_GRACE_MS
    return {
      port,
      async stop() {
        await Promise.race([drain(), sleep(drainMs)])
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

type Stop = () => Promise<void> | void

interface Listening {
  readonly port: number
  /** Ends the front: nothing begins any more, and what is under way gets its time. */
  drain(): Promise<void>
}

async function build(settings: ProxySettings, log: Log, stops: Stop[]): Promise<Listening> {
  const { name, databaseUrl, dataDir, secret } = settings
  // Pools of their own, so that shipping never makes a limit wait; each call's wait is bounded by its pool.
  const calls = poolOf(databaseUrl, 4, 1_000, stops)
  const background = poolOf(databaseUrl, 4, 10_000, stops)

  const directory = path.join(dataDir, 'spool', name)
  const chain = new Chain(directory)
  // With `database` it only ships what an earlier run left.
  const durability = settings.durability === 'database' ? 'append' : settings.durability
  const { spoolMaxBytes: maxBytes, identityShare } = settings
  const spool = new Spool({ directory, durability, maxBytes, chain, ...(identityShare ? { identityShare } : {}) })
  stops.push(() => spool.close())
  const recovery = await recoverSpool(spool, Date.now())
  if (recovery.unknown + recovery.damaged > 0) log.warn(recovery, 'an earlier run ended in the middle of its work')
  const inDatabase = settings.durability === 'database' ? openDatabaseRecord(settings, directory, log, stops) : null
  const record = inDatabase ?? spool
  const writer = new DecisionWriter(record, name, deriveKey(secret, 'argument-digest'))
  stops.push(() => writer.close())
  const gaps = new GapWatch(() => writer.auditGap, log)
  gaps.start()
  stops.push(() => gaps.stop())
  const shipper = new Shipper(spool, directory, sqlOver(background), log)
  shipper.start()
  stops.push(() => shipper.stop(LAST_SHIPPING_MS))
  const checkpoints = openCheckpoints(settings, inDatabase?.chain ?? chain, record, log, sqlOver(background))
  checkpoints.start()
  stops.push(() => checkpoints.stop())
  // The last checkpoint covers the last outcomes.
  stops.push(() => record.flush())

  const lastKnownGood = new LastKnownGood({ name, dataDir, secret, maxAgeMs: settings.bundleMaxAgeMs ?? DAY_MS }, log)
  const source = new BundleSource(background, databaseUrl, log, lastKnownGood)
  const enforcement = () => source.current
  const metrics = new Metrics()
  const shared = await openSharedLimits(settings.redisUrl, sqlOver(calls), watchStore(metrics, log))
  stops.push(() => shared.close())
  const tracing = await openTraces(settings, metrics.registry, log)
  stops.push(() => tracing?.close())
  const enforcer = new Enforcer(enforcement, new Limits(shared.store), writer, metrics, tracing)
  const refusals = new Refusals(enforcer, enforcement)
  refusals.start()
  stops.push(() => refusals.stop())

  const sessions = new Sessions()
  const reports = new DefinitionReports(sqlOver(background), slug => source.current?.servers.get(slug), log)
  const sources = {
    spoolBytes: () => shipper.pendingBytes,
    shippedLagMs: () => shipper.lagMs,
    sessions: () => sessions.size,
    auditGap: () => writer.auditGap,
    bundleAgeMs: () => lastKnownGood.ageMs,
    quarantined: () => shipper.counts.quarantined + (inDatabase?.counts.quarantined ?? 0),
    damagedLines: () => recovery.damaged + shipper.counts.damaged,
    unpublishedCheckpoints: () => checkpoints.counts.unpublished,
    droppedCheckpoints: () => checkpoints.counts.dropped,
    checkpoints: () => checkpoints.state,
  }
  metrics.watch(sources)
  const heartbeat = new Heartbeat(sqlOver(background), name, settings.version, source, metrics, sources)
  const parts = sessionParts({
    enforcer,
    refusals,
    reports,
    enforcement,
    log,
    onClose: session => sessions.forget(session),
  })
  const upstreams = new Upstreams({ secret, searchPath: settings.searchPath }, log)
  stops.push(() => upstreams.close())
  const servers = new ModernServers(upstreams, (server, tools, seen) => reports.report(server.slug, tools, seen), log)
  const modern = new ModernEndpoint({ enforcer, refusals, enforcement }, servers)
  modern.start()
  stops.push(() => modern.close())
  const endpoint = new McpEndpoint(sessions, parts, upstreams, refusals, modern, keyId => heartbeat.used(keyId))
  const listener = new Listener(settings, source, endpoint, refusals, () => metrics.registry.metrics(), log)

  source.onActivate(active => sessions.onActivate(active))
  source.onActivate(active => modern.onActivate(active))
  await source.start()
  stops.push(() => source.stop())
  heartbeat.start()
  stops.push(() => heartbeat.stop())
  sessions.start()
  stops.push(() => sessions.close())
  const port = await listener.start()
  const drain = () => {
    enforcer.drain()
    return listener.stop()
  }
  return { port, drain }
}

async function openTraces({ tracing, version, name }: ProxySettings, registry: Registry, log: Log) {
  if (!tracing) return null
  const spans = new Counter({
    name: 'intercept_trace_spans_total',
    help: 'Spans that ended, and those of them that the collector took or did not take; the rest waits or was dropped.',
    labelNames: ['result'] as const,
    registers: [registry],
  })
  const count: SpanCount = (result, number) => spans.inc({ result }, number)
  return openTracing({ settings: tracing, version, name, transport: 'tcp', count, log })
}

/** A pool of its own: one batch is committed at a time, and each call waits for its own. */
function openDatabaseRecord(
  { name, databaseUrl }: ProxySettings,
  directory: string,
  log: Log,
  stops: Stop[],
): DatabaseRecord {
  // A commit that Postgres would lose with the power is no record.
  const pool = poolOf(databaseUrl, 1, COMMIT_TIMEOUT_MS, stops, '-c synchronous_commit=on')
  const record = new DatabaseRecord({ proxy: name, sql: sqlOver(pool), directory, log })
  record.start()
  stops.push(() => record.flush())
  return record
}

function poolOf(url: string, max: number, timeoutMs: number, stops: Stop[], options?: string): pg.Pool {
  const pool = openPool({
    connectionString: url,
    max,
    connectionTimeoutMillis: Math.min(timeoutMs, 2_000),
    query_timeout: timeoutMs,
    statement_timeout: timeoutMs,
    keepAlive: true,
    ...(options ? { options } : {}),
  })
  stops.push(() => pool.end())
  return pool
}
