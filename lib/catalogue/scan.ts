import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js'
import { Agent, fetch } from 'undici'
import { z } from 'zod'
import { readEnv } from '@/lib/env'
import { checkedLookup, checkUpstreamUrl } from './addresses'
import { LIST_BOUNDS } from './definitions'
import { launchOf } from './launch'
import type { Credentials } from './model'
import { ScannedChild } from './scanned-child'

// The one place outside proxy/mcp that imports the MCP SDK: docs/decisions/scan-client.md.

export interface ScanTarget {
  readonly slug: string
  readonly transport: 'stdio' | 'http'
  readonly command: readonly string[]
  readonly url: string | null
  readonly allowPrivate: boolean
  readonly credentials: Credentials
}

/** What a server said of itself; `tools` are all pages joined, each tool with every field as it was sent. */
export interface Scan {
  readonly tools: readonly unknown[]
  readonly serverInfo: Readonly<Record<string, unknown>> | null
  readonly instructions: string | null
}

const BOUNDS = { timeoutMs: 30_000, pages: 100, responseBytes: 16 * 1024 * 1024 }

// Loose on purpose: the SDK's own schema drops fields that it does not know, and the digest covers all of them.
const ListPage = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() })

interface Connection {
  readonly transport: Transport
  /** What broke the connection, where the SDK only says that it is closed. */
  problem(): Error | null
  /** What the server wrote to standard error last; empty for http. */
  lastWords(): string
  release(): Promise<void>
}

async function connectionTo(target: ScanTarget): Promise<Connection> {
  return target.transport === 'stdio' ? stdioConnection(target) : httpConnection(target)
}

async function stdioConnection(target: ScanTarget): Promise<Connection> {
  const home = await mkdtemp(path.join(tmpdir(), 'intercept-scan-'))
  const launch = launchOf(target.command, target.credentials.environment, home)
  const child = new ScannedChild(launch, { searchPath: readEnv().searchPath, lineLength: BOUNDS.responseBytes })
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
    maxResponseSize: BOUNDS.responseBytes,
  })
  const transport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers: target.credentials.headers },
    // A redirect could leave the checked address, and would take the credentials along.
    fetch: (input, init) =>
      fetch(input, { ...(init as object), redirect: 'error', dispatcher: agent }) as unknown as Promise<Response>,
  })
  return { transport, problem: () => null, lastWords: () => '', release: () => agent.destroy() }
}

async function readPages(client: Client): Promise<unknown[]> {
  const tools: unknown[] = []
  let bytes = 0
  let cursor: string | undefined
  for (let page = 0; page < BOUNDS.pages; page += 1) {
    const result = await client.request({ method: 'tools/list', params: cursor ? { cursor } : {} }, ListPage)
    bytes += JSON.stringify(result.tools).length
    tools.push(...result.tools)
    if (bytes > LIST_BOUNDS.totalBytes || tools.length > LIST_BOUNDS.tools)
      throw new Error(`it lists more than ${LIST_BOUNDS.tools} tools or ${LIST_BOUNDS.totalBytes} bytes`)
    if (!result.nextCursor) return tools
    cursor = result.nextCursor
  }
  throw new Error(`its list has more than ${BOUNDS.pages} pages`)
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${causeOf(error.cause)}` : error.message
}

/** A server that prints its environment or echoes a header must not carry it into a page or a terminal. */
function withoutCredentials(text: string, { environment, headers }: Credentials): string {
  const values = [...Object.values(environment), ...Object.values(headers)].filter(value => value.length >= 4)
  return values.sort((a, b) => b.length - a.length).reduce((rest, value) => rest.replaceAll(value, '[sealed]'), text)
}

/**
 * Starts (stdio) or connects to (http) a server, pages through its `tools/list` and lets it go again.
 * @param timeoutMs for the whole of it
 * @throws Error with what happened and, for stdio, the end of what the server wrote to standard error
 */
export async function scanUpstream(target: ScanTarget, timeoutMs = BOUNDS.timeoutMs): Promise<Scan> {
  const connection = await connectionTo(target)
  const client = new Client({ name: 'intercept', title: 'Intercept catalogue scan', version: '1' })
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no whole list within ${timeoutMs / 1000} s`)), timeoutMs)
  })
  const work = async (): Promise<Scan> => {
    await client.connect(connection.transport)
    const tools = client.getServerCapabilities()?.tools ? await readPages(client) : []
    return { tools, serverInfo: client.getServerVersion() ?? null, instructions: client.getInstructions() ?? null }
  }
  const working = work()
  // When the deadline wins, closing the client rejects the work, and nobody listens to it any more.
  working.catch(() => undefined)
  try {
    return await Promise.race([working, deadline])
  } catch (error) {
    const words = connection.lastWords()
    const said = words ? ` It wrote last:\n${words}` : ''
    const whole = `Server ${target.slug} did not list its tools: ${causeOf(connection.problem() ?? error).slice(0, 500)}.${said}`
    throw new Error(withoutCredentials(whole, target.credentials))
  } finally {
    clearTimeout(timer)
    await client.close().catch(() => undefined)
    await connection.release().catch(() => undefined)
  }
}
