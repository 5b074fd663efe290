import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import { LIST_BOUNDS } from './definitions'
import type { Credentials } from './model'
import { type Connection, connectionTo, type ScanTarget } from './scan-connection'
import { type Ask, discover } from './scan-stateless'

export type { ScanTarget } from './scan-connection'

/** What a server said of itself; `tools` are all pages joined, each tool with every field as it was sent. */
export interface Scan {
  readonly tools: readonly unknown[]
  readonly serverInfo: Readonly<Record<string, unknown>> | null
  readonly instructions: string | null
}

const BOUNDS = { timeoutMs: 30_000, pages: 100 }

// Loose on purpose: the SDK's own schema drops fields that it does not know, and the digest covers all of them.
const ListPage = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() })

async function readPages(ask: Ask): Promise<unknown[]> {
  const tools: unknown[] = []
  let bytes = 0
  let cursor: string | undefined
  for (let page = 0; page < BOUNDS.pages; page += 1) {
    const result = ListPage.parse(await ask('tools/list', cursor ? { cursor } : {}))
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

/** Speaks one of the protocols on a new connection; null: the server does not speak it. */
type Speak = (connection: Connection) => Promise<Scan | null>

const speakSessions: Speak = async ({ transport }) => {
  const client = new Client({ name: 'intercept', title: 'Intercept catalogue scan', version: '1' })
  await client.connect(transport)
  const ask: Ask = (method, params) => client.request({ method, params: { ...params } }, z.looseObject({}))
  const tools = client.getServerCapabilities()?.tools ? await readPages(ask) : []
  return { tools, serverInfo: client.getServerVersion() ?? null, instructions: client.getInstructions() ?? null }
}

const speakStateless: Speak = async connection => {
  const ask = await connection.stateless()
  const discovered = await discover(ask)
  if (!discovered) return null
  const { hasTools, ...said } = discovered
  return { tools: hasTools ? await readPages(ask) : [], ...said }
}

/** Whether the server answered `initialize` in a way that leaves the other protocol to be tried. */
function refusesSessions(error: unknown): boolean {
  if (error instanceof McpError) return ![ErrorCode.ConnectionClosed, ErrorCode.RequestTimeout].includes(error.code)
  if (error instanceof StreamableHTTPError) return (error.code ?? 0) >= 400 && (error.code ?? 0) < 500
  return error instanceof Error && /protocol version is not supported/.test(error.message)
}

class ScanFailed extends Error {
  constructor(
    message: string,
    readonly refusesSessions: boolean,
  ) {
    super(message)
  }
}

/** @throws ScanFailed with what happened and, for stdio, the end of what the server wrote to standard error */
async function scanBy(speak: Speak, target: ScanTarget, timeoutMs: number): Promise<Scan | null> {
  const connection = await connectionTo(target)
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no whole list within ${timeoutMs / 1000} s`)), timeoutMs)
  })
  const working = speak(connection)
  // When the deadline wins, closing the connection rejects the work, and nobody listens to it any more.
  working.catch(() => undefined)
  try {
    return await Promise.race([working, deadline])
  } catch (error) {
    const words = connection.lastWords()
    const said = words ? ` It wrote last:\n${words}` : ''
    const whole = `Server ${target.slug} did not list its tools: ${causeOf(connection.problem() ?? error).slice(0, 500)}.${said}`
    throw new ScanFailed(withoutCredentials(whole, target.credentials), refusesSessions(error))
  } finally {
    clearTimeout(timer)
    await connection.transport.close().catch(() => undefined)
    await connection.release().catch(() => undefined)
  }
}

/**
 * Starts (stdio) or connects to (http) a server, pages through its `tools/list` and lets it go again. A server of both
 * protocols is listed in the older, with sessions; one that refuses that is listed in the other (docs/decisions/eras.md).
 * @param timeoutMs for the whole of it
 * @throws Error with what happened and, for stdio, the end of what the server wrote to standard error
 */
export async function scanUpstream(target: ScanTarget, timeoutMs = BOUNDS.timeoutMs): Promise<Scan> {
  const until = Date.now() + timeoutMs
  const tried = await scanBy(speakSessions, target, timeoutMs).catch((error: ScanFailed) => error)
  if (tried !== null && !(tried instanceof Error)) return tried
  if (!(tried instanceof ScanFailed) || !tried.refusesSessions) throw tried
  // Where neither works, what the first said is what most servers mean.
  const other = await scanBy(speakStateless, target, Math.max(1, until - Date.now())).catch(() => null)
  if (other) return other
  throw tried
}
