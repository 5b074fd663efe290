import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { cuttable } from './cuttable'
import { type Gateway, until } from './gateway'

/** The proxy's bundle, as `npm start` runs it. */
export interface ProxyBundle {
  readonly file: string
  /** A folder for what belongs to it. */
  readonly folder: string
  remove(): void
}

export async function bundleProxy(): Promise<ProxyBundle> {
  // Beside node_modules, from where the bundle finds its packages.
  const folder = mkdtempSync(path.join(import.meta.dirname, '../../node_modules/.intercept-proxy-'))
  const file = path.join(folder, 'proxy.mjs')
  await build({
    entryPoints: [path.join(import.meta.dirname, '../main.ts')],
    outfile: file,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  })
  return { file, folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface ProxyProcess {
  readonly child: ChildProcess
  /** All that it wrote to stdout and stderr. */
  said(): string
}

export interface ProcessOptions {
  readonly environment?: Record<string, string>
  /** Runs before the proxy does, in its process. */
  readonly preload?: string
}

const PORT_TRIES = 5

/** The proxy as a process of its own in front of the gateway's server; resolves when it is ready. */
export async function startProxyProcess(
  gateway: Gateway,
  bundle: ProxyBundle,
  options: ProcessOptions = {},
): Promise<ProxyProcess> {
  for (let tries = 1; ; tries++) {
    try {
      return await startOnce(gateway, bundle, options)
    } catch (error) {
      // Anybody may take a port between its choosing and its use.
      if (tries === PORT_TRIES || !String(error).includes('its port is in use')) throw error
    }
  }
}

async function startOnce(
  gateway: Gateway,
  { file, folder }: ProxyBundle,
  { environment = {}, preload }: ProcessOptions,
): Promise<ProxyProcess> {
  const port = await freePort()
  const { name, secret, databaseUrl, searchPath, durability, checkpointFile } = gateway.settings
  const env: Record<string, string> = {
    PATH: searchPath,
    PROXY_PORT: String(port),
    PROXY_NAME: name,
    DATA_DIR: gateway.folder,
    INTERCEPT_SECRET: secret,
    PROXY_DATABASE_URL: databaseUrl,
    AUDIT_DURABILITY: durability,
    ...(checkpointFile ? { AUDIT_CHECKPOINT_FILE: checkpointFile } : {}),
    ...environment,
  }
  const words = [...(preload ? ['--import', preload] : []), file]
  const child = spawn(process.execPath, words, {
    env: env as NodeJS.ProcessEnv,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (said += chunk))
  gateway.proxy = { ...gateway.proxy, port, stop: async () => void child.kill('SIGTERM') }
  const isReady = () => fetch(`http://127.0.0.1:${port}/readyz`).then(answer => answer.ok)
  await until(() => {
    if (child.exitCode !== null) throw new Error(`The proxy ended while starting: ${said}`)
    return isReady().catch(() => false)
  }, 30_000)
  return { child, said: () => said }
}

async function freePort(): Promise<number> {
  const relay = await cuttable('http://127.0.0.1:1')
  const port = Number(new URL(relay.url('http://127.0.0.1')).port)
  await relay.close()
  return port
}
