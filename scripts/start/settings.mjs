import { existsSync } from 'node:fs'
import path from 'node:path'
import { Failure } from './failure.mjs'
import { readTrustedProxies } from './request-source.mjs'

export const root = path.resolve(import.meta.dirname, '../..')

/** @typedef {{ name: 'console' | 'proxy', host: string, port: number, url: string, isTls: boolean }} Door */
/** @typedef {{ dataDir: string, console: Door, proxy: Door, embedded: boolean }} Settings */

/** @param {string} name @param {number} fallback */
function readPort(name, fallback) {
  const text = process.env[name] || String(fallback)
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65_535) throw new Failure(`${name} is "${text}". Set it to a port between 1 and 65535.`)
  return port
}

/** @param {'console' | 'proxy'} name @param {number} fallback @returns {Door} */
function readDoor(name, fallback) {
  const prefix = name.toUpperCase()
  const port = readPort(`${prefix}_PORT`, fallback)
  const isTls = Boolean(process.env[`${prefix}_TLS_CERT`])
  const url = (process.env[`${prefix}_URL`] || `http${isTls ? 's' : ''}://localhost:${port}`).replace(/\/+$/, '')
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new Failure(`${prefix}_URL is "${url}". Set it to the public address, say https://${name}.example.com.`)
  return { name, host: process.env[`${prefix}_HOST`] || '127.0.0.1', port, url, isTls }
}

/**
 * What the launcher itself needs to know, before any package is there; lib/env.ts reads the same for everything else.
 * A file `.env` in the checkout fills what the environment does not say.
 * @returns {Settings}
 */
export function readSettings() {
  const file = path.join(root, '.env')
  if (existsSync(file)) process.loadEnvFile(file)
  const settings = {
    dataDir: path.resolve(root, process.env.DATA_DIR || '.data'),
    console: readDoor('console', 3000),
    proxy: readDoor('proxy', 4000),
    embedded: !process.env.DATABASE_URL,
  }
  checkTrustedProxies()
  if (settings.console.port === settings.proxy.port)
    throw new Failure(`CONSOLE_PORT and PROXY_PORT are both ${settings.proxy.port}. Set one to another port.`)
  return settings
}

function checkTrustedProxies() {
  try {
    readTrustedProxies(process.env.CONSOLE_TRUSTED_PROXIES)
  } catch (error) {
    throw new Failure(error.message)
  }
}

/** What a process needs of the system around it, and nothing of ours. */
const surroundings =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|LANG|LC_.+|TZ|TMPDIR|NODE_EXTRA_CA_CERTS|NODE_OPTIONS|SSL_CERT_(FILE|DIR)|(https?|no|all)_proxy)$/i

/** Settings of the proxy alone, handed on when they are set. */
const proxySettings = [
  'PROXY_NAME',
  'AUDIT_DURABILITY',
  'SPOOL_MAX_MB',
  'BUNDLE_MAX_AGE',
  'REDIS_URL',
  'PROXY_METRICS',
  'PROXY_TLS_CERT',
  'PROXY_TLS_KEY',
  'AUDIT_SIGNING_KEY',
  'AUDIT_CHECKPOINT_FILE',
  'AUDIT_CHECKPOINT_URL',
  'AUDIT_CHECKPOINT_TOKEN',
  'AUDIT_CHECKPOINT_S3_BUCKET',
  'AUDIT_CHECKPOINT_S3_ENDPOINT',
  'AUDIT_CHECKPOINT_S3_REGION',
  'AUDIT_CHECKPOINT_S3_PREFIX',
  'AUDIT_CHECKPOINT_S3_ACCESS_KEY_ID',
  'AUDIT_CHECKPOINT_S3_SECRET_ACCESS_KEY',
  'AUDIT_CHECKPOINT_S3_SESSION_TOKEN',
  'AUDIT_CHECKPOINT_S3_LOCK_DAYS',
  'AUDIT_CHECKPOINT_S3_LOCK_MODE',
  'AUDIT_TSA_URL',
]

/** The environment of a child: what surrounds it, the settings all share, and its own additions. */
function environment(settings, additions) {
  const kept = Object.entries(process.env).filter(([name]) => surroundings.test(name))
  return {
    ...Object.fromEntries(kept),
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    DATA_DIR: settings.dataDir,
    CONSOLE_HOST: settings.console.host,
    CONSOLE_PORT: String(settings.console.port),
    CONSOLE_URL: settings.console.url,
    PROXY_HOST: settings.proxy.host,
    PROXY_PORT: String(settings.proxy.port),
    PROXY_URL: settings.proxy.url,
    ...(process.env.INTERCEPT_SECRET ? { INTERCEPT_SECRET: process.env.INTERCEPT_SECRET } : {}),
    ...additions,
  }
}

/**
 * The console never sees the owner's address, nor the proxy's; empty, since Next fills what is absent from `.env`.
 * @param {Settings} settings @param {string} databaseUrl
 */
export const consoleEnvironment = (settings, databaseUrl) =>
  environment(settings, {
    CONSOLE_DATABASE_URL: databaseUrl,
    PROXY_DATABASE_URL: '',
    DATABASE_URL: '',
    NEXTAUTH_URL: settings.console.url,
    INTERCEPT_CONSOLE: '1',
    CONSOLE_TRUSTED_PROXIES: process.env.CONSOLE_TRUSTED_PROXIES ?? '',
  })

/** The proxy sees its own role's address and no other. @param {Settings} settings @param {string} databaseUrl */
export function proxyEnvironment(settings, databaseUrl) {
  const isOwn = name => proxySettings.includes(name) || name.startsWith('OTEL_')
  const own = Object.entries(process.env).filter(([name]) => isOwn(name))
  return environment(settings, { ...Object.fromEntries(own), PROXY_DATABASE_URL: databaseUrl })
}

/** Settings of the forwarder alone. */
const forwarderSettings = ['SINK_FILES', 'FORWARDER_METRICS_PORT']

/** The forwarder signs in as the console does, and sees nothing else. @param {Settings} settings @param {string} databaseUrl */
export function forwarderEnvironment(settings, databaseUrl) {
  const own = Object.entries(process.env).filter(([name]) => forwarderSettings.includes(name))
  return { ...consoleEnvironment(settings, databaseUrl), ...Object.fromEntries(own) }
}

/** Tools that install and build see no address and no secret: packages bring scripts of their own. */
export function toolEnvironment() {
  const secrets = ['DATABASE_URL', 'CONSOLE_DATABASE_URL', 'PROXY_DATABASE_URL', 'INTERCEPT_SECRET']
  const ofRecord = Object.keys(process.env).filter(name => name.startsWith('AUDIT_'))
  const emptied = Object.fromEntries([...secrets, ...ofRecord].map(name => [name, '']))
  return { ...process.env, ...emptied, NEXT_TELEMETRY_DISABLED: '1' }
}

/** What prepares the database has the owner's address. @param {Settings} settings */
export const ownerEnvironment = settings => ({
  ...process.env,
  DATA_DIR: settings.dataDir,
  CONSOLE_URL: settings.console.url,
  PROXY_URL: settings.proxy.url,
})
