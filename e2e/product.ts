import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A running product: what `npm start` printed, and how to stop it. */
export interface Product {
  consoleUrl: string
  proxyUrl: string
  setupUrl: string
  dataDir: string
  /** Requests that reached the stub of the vendor's API, one JSON a line. */
  upstreamLog: string
  environment: NodeJS.ProcessEnv
  stop(): Promise<void>
}

const root = path.resolve(import.meta.dirname, '..')

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Runs the command line of the checkout against the running product; returns standard output. */
export function intercept(environment: NodeJS.ProcessEnv, ...words: string[]): string {
  return execFileSync(process.execPath, [path.join(root, 'cli/intercept.mjs'), ...words], {
    cwd: root,
    env: environment,
    encoding: 'utf8',
  })
}

function waitForLines(child: ChildProcess, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    const timer = setTimeout(() => reject(new Error(`npm start was not ready in time:\n${printed}`)), timeoutMs)
    const read = (chunk: Buffer) => {
      printed += chunk.toString()
      if (/\/setup\?token=\S+/.test(printed)) {
        clearTimeout(timer)
        resolve(printed)
      }
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', code => reject(new Error(`npm start ended with ${code}:\n${printed}`)))
  })
}

/** Starts the whole product as a newcomer would, on free ports and an empty data folder. */
export async function startProduct(): Promise<Product> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'intercept-e2e-'))
  const [consolePort, proxyPort] = [await freePort(), await freePort()]
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    DATABASE_URL: '',
    DATA_DIR: dataDir,
    CONSOLE_PORT: String(consolePort),
    PROXY_PORT: String(proxyPort),
    MISTRAL_API_KEY: 'not-a-key',
  }
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = await waitForLines(child, 600_000)
  const upstreamLog = path.join(tmpdir(), `${path.basename(dataDir)}-upstream.log`)
  const stub = path.join(root, 'e2e/servers/mistral-api.mjs')
  intercept(
    environment,
    'server',
    'update',
    'mistral',
    '--env',
    `NODE_OPTIONS=--import ${stub}`,
    '--env',
    `INTERCEPT_TEST_LOG=${upstreamLog}`,
  )
  return {
    consoleUrl: `http://localhost:${consolePort}`,
    proxyUrl: `http://localhost:${proxyPort}`,
    setupUrl: printed.match(/http\S+\/setup\?token=\S+/)?.[0] ?? '',
    dataDir,
    upstreamLog,
    environment,
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM')
        await new Promise(resolve => child.once('exit', resolve))
      }
      rmSync(dataDir, { recursive: true, force: true })
      rmSync(upstreamLog, { force: true })
    },
  }
}

/** The requests that reached the vendor's API so far. */
export function upstreamRequests(
  product: Pick<Product, 'upstreamLog'>,
): { method: string; url: string; body: string }[] {
  try {
    return readFileSync(product.upstreamLog, 'utf8')
      .trim()
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
  } catch {
    return []
  }
}
