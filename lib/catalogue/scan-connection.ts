import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js'
import { Agent, fetch } from 'undici'
import { readEnv } from '@/lib/env'
import { checkedLookup, checkUpstreamUrl } from './addresses'
import { launchOf } from './launch'
import type { Credentials } from './model'
import { httpTransport } from './scan-sse'
import { type Ask, askByPosts, askOver } from './scan-stateless'
import { ScannedChild } from './scanned-child'

// With its two neighbours the one place outside proxy/mcp that imports the MCP SDK: docs/decisions/scan-client.md.

export interface ScanTarget {
  readonly slug: string
  readonly transport: 'stdio' | 'http'
  readonly command: readonly string[]
  readonly url: string | null
  readonly allowPrivate: boolean
  readonly isSse?: boolean
  readonly credentials: Credentials
}

const MAX_RESPONSE_BYTES = 16 * 1024 * 1024

export interface Connection {
  readonly transport: Transport
  /** For the protocol without sessions; on a connection that nothing was sent on yet. */
  stateless(): Promise<Ask>
  /** What broke the connection, where the SDK only says that it is closed. */
  problem(): Error | null
  /** What the server wrote to standard error last; empty for http. */
  lastWords(): string
  release(): Promise<void>
}

/** A new connection to a server, as a proxy would make it. */
export async function connectionTo(target: ScanTarget): Promise<Connection> {
  return target.transport === 'stdio' ? stdioConnection(target) : httpConnection(target)
}

async function stdioConnection(target: ScanTarget): Promise<Connection> {
  const home = await mkdtemp(path.join(tmpdir(), 'intercept-scan-'))
  const launch = launchOf(target.command, target.credentials.environment, home)
  const child = new ScannedChild(launch, { searchPath: readEnv().searchPath, lineLength: MAX_RESPONSE_BYTES })
  const transport: Transport = {
    start: () => child.start(),
    send: async message => child.write(JSON.stringify(message)),
    close: async () => {
      await child.close()
      transport.onclose?.()
    },
  }
  child.onLine = line => {
    const message = messageIn(line)
    if (message) transport.onmessage?.(message)
  }
  child.onEnd = () => transport.onclose?.()
  let problem: Error | null = null
  child.onError = error => {
    problem ??= error
    transport.onclose?.()
  }
  return {
    transport,
    stateless: () => askOver(transport),
    problem: () => problem,
    lastWords: () => child.lastWords(),
    release: () => rm(home, { recursive: true, force: true }),
  }
}

/** Null for what is no message: real servers print banners to standard output. */
function messageIn(line: string): JSONRPCMessage | null {
  try {
    return JSONRPCMessageSchema.parse(JSON.parse(line))
  } catch {
    return null
  }
}

async function httpConnection(target: ScanTarget): Promise<Connection> {
  const url = checkUpstreamUrl(target.url ?? '', target.allowPrivate)
  const agent = new Agent({
    connect: { lookup: checkedLookup(target.allowPrivate) as never },
    maxResponseSize: MAX_RESPONSE_BYTES,
  })
  // A redirect could leave the checked address, and would take the credentials along.
  const fetchOnce: typeof globalThis.fetch = (input, init) =>
    fetch(input as string, {
      ...(init as object),
      redirect: 'error',
      dispatcher: agent,
    }) as unknown as Promise<Response>
  const { headers } = target.credentials
  const post = (own: Readonly<Record<string, string>>, body: string) =>
    fetchOnce(url, { method: 'POST', headers: { ...headers, ...own }, body })
  return {
    transport: httpTransport({ url, headers, fetch: fetchOnce, isSse: target.isSse ?? false }),
    stateless: async () => askByPosts(post),
    problem: () => null,
    lastWords: () => '',
    release: () => agent.destroy(),
  }
}
