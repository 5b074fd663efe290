import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { readTracing, type TracingSettings } from './env-tracing'
import { redisProblem } from './limits/redis-place'

const port = (fallback: number) => z.coerce.number().int().min(1).max(65_535).default(fallback)
const Env = z.object({
  CONSOLE_PORT: port(3000),
  PROXY_PORT: port(4000),
  CONSOLE_HOST: z.string().default('127.0.0.1'),
  PROXY_HOST: z.string().default('127.0.0.1'),
  CONSOLE_URL: z.url().optional(),
  PROXY_URL: z.url().optional(),
  DATA_DIR: z.string().default('.data'),
  INTERCEPT_SECRET: z.string().min(32, 'INTERCEPT_SECRET needs at least 32 characters.').optional(),
  DATABASE_URL: z.string().optional(),
  CONSOLE_DATABASE_URL: z.string().optional(),
  PROXY_DATABASE_URL: z.string().optional(),
  PROXY_NAME: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'PROXY_NAME is 1 to 63 of A–Z, a–z, 0–9, dot, _ and -.')
    .optional(),
  AUDIT_DURABILITY: z.enum(['fsync', 'append', 'database']).default('fsync'),
  AUDIT_SIGNING_KEY: z.string().optional(),
  AUDIT_CHECKPOINT_FILE: z.string().optional(),
  AUDIT_CHECKPOINT_URL: z.url({ protocol: /^https?$/ }).optional(),
  AUDIT_CHECKPOINT_TOKEN: z.string().optional(),
  AUDIT_CHECKPOINT_S3_BUCKET: z.string().optional(),
  AUDIT_CHECKPOINT_S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  AUDIT_CHECKPOINT_S3_REGION: z.string().default('us-east-1'),
  AUDIT_CHECKPOINT_S3_PREFIX: z.string().default('intercept/'),
  AUDIT_CHECKPOINT_S3_ACCESS_KEY_ID: z.string().optional(),
  AUDIT_CHECKPOINT_S3_SECRET_ACCESS_KEY: z.string().optional(),
  AUDIT_CHECKPOINT_S3_SESSION_TOKEN: z.string().optional(),
  AUDIT_CHECKPOINT_S3_LOCK_DAYS: z.coerce.number().int().min(1).max(36_500).optional(),
  AUDIT_CHECKPOINT_S3_LOCK_MODE: z.enum(['GOVERNANCE', 'COMPLIANCE']).default('COMPLIANCE'),
  AUDIT_TSA_URL: z.url({ protocol: /^https?$/ }).optional(),
  AUDIT_RETENTION_KEY: z.string().optional(),
  RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).optional(),
  MISTRAL_API_KEY: z.string().optional(),
  PROXY_TLS_CERT: z.string().optional(),
  PROXY_TLS_KEY: z.string().optional(),
  SINK_FILES: z.string().optional(),
  FORWARDER_METRICS_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  PROXY_DRAIN_SECONDS: z.coerce.number().int().min(0).max(3_600).default(1),
  PROXY_METRICS: z.enum(['loopback', 'anywhere']).default('loopback'),
  REDIS_URL: z
    .string()
    .superRefine((text, context) => {
      const problem = redisProblem(text)
      if (problem !== null) context.addIssue({ code: 'custom', message: problem })
    })
    .optional(),
  BUNDLE_MAX_AGE: z
    .string()
    .regex(/^[1-9]\d{0,5}[smhd]$/, 'BUNDLE_MAX_AGE is a number and its unit: 90s, 30m, 24h or 7d.')
    .default('24h'),
  AUDIT_IDENTITY_SHARE: z.coerce.number().int().min(1).max(100).default(10),
  SPOOL_MAX_MB: z.coerce.number().int().min(16).max(1_048_576).default(1_024),
})

/** The environment, parsed. The only reader of process.env; everything is documented in .env.example. */
export interface Environment {
  consolePort: number
  proxyPort: number
  consoleHost: string
  proxyHost: string
  /** Public addresses, without a trailing slash. */
  consoleUrl: string
  proxyUrl: string
  /** Absolute. */
  dataDir: string
  /** From INTERCEPT_SECRET, else DATA_DIR/secret. */
  secret: string
  /** The owner's role, known to the launcher alone; unset when Postgres is the embedded one. */
  databaseUrl: string | undefined
  consoleDatabaseUrl: string
  proxyDatabaseUrl: string
  /** Names this proxy in records and its spool's folder; one running proxy a name. */
  proxyName: string
  /** When a decision counts as recorded: `fsync` survives a power cut, `append` a killed process only, `database` needs no disk. */
  auditDurability: 'fsync' | 'append' | 'database'
  /** PKCS #8 PEM of the Ed25519 key that signs checkpoints; unset, a file in DATA_DIR holds it. */
  auditSigningKey: string | undefined
  /** Where checkpoints are kept outside the record: absolute path, address, and its bearer. */
  checkpointFile: string | undefined
  checkpointUrl: string | undefined
  checkpointToken: string | undefined
  checkpointBucket: CheckpointBucket | undefined
  /** An RFC 3161 time-stamping authority. */
  timestampUrl: string | undefined
  /** PKCS #8 PEM of the owner's Ed25519 key for statements of retention; unset, a file in DATA_DIR holds it. */
  retentionKey: string | undefined
  /** Days for which records are kept; unset, for ever. */
  retentionDays: number | undefined
  /** What waits for Postgres on disk at most; past it calls are refused. */
  spoolMaxBytes: number
  /** Part of it (0 to 1) that the decisions of one identity may take; past it that identity is refused. */
  identityShare: number
  /** Absolute paths of PEM files; unset, the proxy listens in the clear. */
  proxyTls: { certificate: string; key: string } | undefined
  /** What calls under way get to end when the proxy stops. */
  proxyDrainMs: number
  /** Who may read the proxy's `/metrics`. */
  proxyMetrics: 'loopback' | 'anywhere'
  /** Where proxies share their limits; unset, in Postgres. */
  redisUrl: string | undefined
  /** How long a proxy that is cut off from Postgres may decide by what it knew. */
  bundleMaxAgeMs: number
  /** Where file sinks keep their folders; absolute. */
  sinkFiles: string
  /** Loopback port of the forwarder's `/metrics`; unset, it serves none. */
  forwarderMetricsPort: number | undefined
  /** Sealed into the Mistral server by the seed, and read by nothing else. */
  mistralApiKey: string | undefined
  /** Where traces go (OTEL_*); undefined where no collector is named. Read when it is first asked for. */
  tracing: TracingSettings | undefined
  /** PATH of this process; all that upstream children inherit. */
  searchPath: string
}

/** A bucket for checkpoints (lib/audit/outside/sinks.ts). */
export interface CheckpointBucket {
  endpoint: string
  region: string
  bucket: string
  /** Put before each object's name. */
  prefix: string
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string | undefined
  lockDays: number | undefined
  lockMode: 'GOVERNANCE' | 'COMPLIANCE'
}

function checkpointBucketOf(env: z.infer<typeof Env>): CheckpointBucket | undefined {
  const bucket = env.AUDIT_CHECKPOINT_S3_BUCKET
  if (bucket === undefined) return undefined
  const { AUDIT_CHECKPOINT_S3_ACCESS_KEY_ID: accessKeyId, AUDIT_CHECKPOINT_S3_SECRET_ACCESS_KEY: secretAccessKey } = env
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new Error(
      'AUDIT_CHECKPOINT_S3_BUCKET needs AUDIT_CHECKPOINT_S3_ACCESS_KEY_ID and AUDIT_CHECKPOINT_S3_SECRET_ACCESS_KEY. See .env.example.',
    )
  const region = env.AUDIT_CHECKPOINT_S3_REGION
  return {
    endpoint: env.AUDIT_CHECKPOINT_S3_ENDPOINT ?? `https://s3.${region}.amazonaws.com`,
    region,
    bucket,
    prefix: env.AUDIT_CHECKPOINT_S3_PREFIX,
    accessKeyId,
    secretAccessKey,
    sessionToken: env.AUDIT_CHECKPOINT_S3_SESSION_TOKEN,
    lockDays: env.AUDIT_CHECKPOINT_S3_LOCK_DAYS,
    lockMode: env.AUDIT_CHECKPOINT_S3_LOCK_MODE,
  }
}

function tlsFilesOf(certificate?: string, key?: string): Environment['proxyTls'] {
  if (certificate === undefined && key === undefined) return undefined
  if (certificate === undefined || key === undefined)
    throw new Error('PROXY_TLS_CERT and PROXY_TLS_KEY go together: set both, or neither. See .env.example.')
  return { certificate: path.resolve(certificate), key: path.resolve(key) }
}

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Of a number and its unit, as `24h`. */
function millisecondsOf(duration: string): number {
  return Number(duration.slice(0, -1)) * (UNIT_MS[duration.slice(-1)] ?? 0)
}

/** DATA_DIR/connections.json (0600): what `npm start` leaves for the commands that run beside it. Never the owner's. */
const Connections = z.object({ console: z.string(), proxy: z.string() }).partial()

function readFileIn(dataDir: string, name: string): string | undefined {
  try {
    return readFileSync(path.join(dataDir, name), 'utf8').trim()
  } catch {
    return undefined
  }
}

function readConnections(dataDir: string): z.infer<typeof Connections> {
  const text = readFileIn(dataDir, 'connections.json')
  if (text === undefined) return {}
  try {
    return Connections.parse(JSON.parse(text))
  } catch {
    throw new Error(`${path.join(dataDir, 'connections.json')} is damaged. Run \`npm start\`, which writes it anew.`)
  }
}

function required(value: string | undefined, name: string, dataDir: string): string {
  if (value) return value
  throw new Error(`${name} is not set and ${dataDir} holds none. Run \`npm start\` first, or set ${name}.`)
}

/**
 * Reads and checks the environment.
 * @throws Error with one sentence that names the variable and what to do. Connection strings and the secret are checked
 * when they are first read, so that a command which needs neither runs without them.
 */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Environment {
  const filled = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))
  const parsed = Env.safeParse(filled)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new Error(`${issue?.path.join('.')}: ${issue?.message} See .env.example.`)
  }
  const env = parsed.data
  const dataDir = path.resolve(env.DATA_DIR)
  return {
    consolePort: env.CONSOLE_PORT,
    proxyPort: env.PROXY_PORT,
    consoleHost: env.CONSOLE_HOST,
    proxyHost: env.PROXY_HOST,
    consoleUrl: (env.CONSOLE_URL ?? `http://localhost:${env.CONSOLE_PORT}`).replace(/\/+$/, ''),
    proxyUrl: (env.PROXY_URL ?? `${env.PROXY_TLS_CERT ? 'https' : 'http'}://localhost:${env.PROXY_PORT}`).replace(
      /\/+$/,
      '',
    ),
    dataDir,
    databaseUrl: env.DATABASE_URL,
    proxyName:
      env.PROXY_NAME ??
      (hostname()
        .replace(/[^A-Za-z0-9._-]/g, '-')
        .replace(/^[^A-Za-z0-9]+/, '')
        .slice(0, 63) ||
        'proxy'),
    auditDurability: env.AUDIT_DURABILITY,
    auditSigningKey: env.AUDIT_SIGNING_KEY,
    checkpointFile: env.AUDIT_CHECKPOINT_FILE && path.resolve(env.AUDIT_CHECKPOINT_FILE),
    checkpointUrl: env.AUDIT_CHECKPOINT_URL,
    checkpointToken: env.AUDIT_CHECKPOINT_TOKEN,
    checkpointBucket: checkpointBucketOf(env),
    timestampUrl: env.AUDIT_TSA_URL,
    retentionKey: env.AUDIT_RETENTION_KEY,
    retentionDays: env.RETENTION_DAYS,
    spoolMaxBytes: env.SPOOL_MAX_MB * 1024 * 1024,
    identityShare: env.AUDIT_IDENTITY_SHARE / 100,
    proxyTls: tlsFilesOf(env.PROXY_TLS_CERT, env.PROXY_TLS_KEY),
    proxyDrainMs: env.PROXY_DRAIN_SECONDS * 1000,
    proxyMetrics: env.PROXY_METRICS,
    redisUrl: env.REDIS_URL,
    bundleMaxAgeMs: millisecondsOf(env.BUNDLE_MAX_AGE),
    sinkFiles: path.resolve(env.SINK_FILES ?? path.join(dataDir, 'sinks')),
    forwarderMetricsPort: env.FORWARDER_METRICS_PORT,
    mistralApiKey: env.MISTRAL_API_KEY,
    searchPath: source.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    get tracing() {
      return readTracing(source)
    },
    get secret() {
      return required(env.INTERCEPT_SECRET ?? readFileIn(dataDir, 'secret'), 'INTERCEPT_SECRET', dataDir)
    },
    get consoleDatabaseUrl() {
      return required(env.CONSOLE_DATABASE_URL ?? readConnections(dataDir).console, 'CONSOLE_DATABASE_URL', dataDir)
    },
    get proxyDatabaseUrl() {
      return required(env.PROXY_DATABASE_URL ?? readConnections(dataDir).proxy, 'PROXY_DATABASE_URL', dataDir)
    },
  }
}

const OUR_OWN = /^(INTERCEPT_|AUDIT_|RETENTION_DAYS$|DATA_DIR$)/

/** Variables for a server that a person runs through us: all that they gave, and nothing that is Intercept's own. */
export function inheritedEnvironment(source: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const given = Object.entries(source).filter(([name]) => !OUR_OWN.test(name))
  return Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== undefined))
}
