import { readFileSync, statSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Log } from '../log'

/** Paths of PEM files: the certificate with its chain, and its key. */
export interface TlsFiles {
  readonly certificate: string
  readonly key: string
}

const MAX_CONNECTIONS = 4_096
/** How often renewed certificates are looked for. */
const LOOK_EVERY_MS = 60_000
/** Deadlines for clients that send slowly on purpose; an answer may take as long as it needs. */
const BOUNDS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
}

/**
 * The server that clients connect to, over TLS where there are files for it. A certificate that is renewed in place is
 * taken up without a restart; one that does not open leaves the old one in use.
 * @throws Error that names the file to mend
 */
export function createFrontServer(
  tls: TlsFiles | undefined,
  log: Log,
  listener: RequestListener,
  lookEveryMs = LOOK_EVERY_MS,
): Server | TlsServer {
  const server = tls ? createSecureServer(tls, log, listener, lookEveryMs) : createServer(BOUNDS, listener)
  server.maxConnections = MAX_CONNECTIONS
  return server
}

function createSecureServer(files: TlsFiles, log: Log, listener: RequestListener, lookEveryMs: number): TlsServer {
  const server = openTls(files, () =>
    createTlsServer({ ...BOUNDS, ...readPems(files), minVersion: 'TLSv1.2', handshakeTimeout: 10_000 }, listener),
  )
  let seen = changedAt(files)
  const look = setInterval(() => {
    const now = changedAt(files)
    if (now === seen) return
    seen = now
    try {
      openTls(files, () => server.setSecureContext({ ...readPems(files), minVersion: 'TLSv1.2' }))
      log.info('the certificate was read anew')
    } catch (error) {
      log.error({ problem: (error as Error).message }, 'the old certificate stays in use')
    }
  }, lookEveryMs)
  look.unref()
  server.once('close', () => clearInterval(look))
  return server
}

function openTls<T>(files: TlsFiles, open: () => T): T {
  try {
    return open()
  } catch (error) {
    // Whatever was read of a key must not reach a log: the code says enough.
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    throw new Error(`PROXY_TLS_CERT (${files.certificate}) and PROXY_TLS_KEY (${files.key}) do not open: ${code}.`)
  }
}

function readPems({ certificate, key }: TlsFiles): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(certificate), key: readFileSync(key) }
}

function changedAt({ certificate, key }: TlsFiles): string {
  return [certificate, key].map(file => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0).join(' ')
}
