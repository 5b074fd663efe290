import { z } from 'zod'
import { authorise, command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { parseInput, Refusal } from '@/lib/auth/refusal'
import { sqlIn, type Transaction } from '@/lib/db/client'
import { database } from '@/lib/db/current'
import { readEnv } from '@/lib/env'
import type { ToolDefinition } from '@/lib/policy'
import { openCredentials } from '../credentials'
import { isStorable, readDefinitions, type SeenTool } from '../definitions'
import { type Category, type Risk, Slug } from '../model'
import { type Scan, scanUpstream } from '../scan'
import { type ServerRecord, serverBySlug } from '../server-record'
import { seeDefinitions } from '../store'

const ScanServer = z.strictObject({ slug: Slug })

export interface ScannedTool {
  readonly name: string
  readonly digest: string
  readonly category: Category
  readonly risk: Risk
  /** `new` was never approved, `changed` differs from what was approved, `approved` is what was approved. */
  readonly state: 'new' | 'changed' | 'approved'
  readonly definition: ToolDefinition
}

export interface ScanResult {
  readonly slug: string
  readonly tools: readonly ScannedTool[]
  /** Names never seen before. */
  readonly added: readonly string[]
  /** Names whose definition is not the one that was approved or, before that, seen. */
  readonly changed: readonly string[]
  /** Names that an earlier list had and this one has not. */
  readonly missing: readonly string[]
}

/**
 * Starts the server, reads its list and stores what was seen. Pins nothing: hand the digests to `approveTools`.
 * Takes up to 30 s, outside any transaction.
 * @throws Refusal `invalid` with what the server said when it does not list its tools, or lists what cannot be judged
 */
export async function scanServer(actor: Actor, input: z.input<typeof ScanServer>): Promise<ScanResult> {
  authorise(actor, 'server.manage')
  const { slug } = parseInput(ScanServer, input)
  const server = await serverBySlug(database().prisma, slug)
  const scan = await scanUpstream({ ...server, credentials: openCredentials(readEnv().secret, server) }).catch(refuseAs)
  refuseUnsafeList(scan)
  return command(actor, 'server.manage', ScanServer, input, async ({ tx, change }) => {
    const known = new Map((await tx.tool.findMany({ where: { serverId: server.id } })).map(tool => [tool.name, tool]))
    const seen = await seeDefinitions(sqlIn(tx), server.id, scan.tools)
    await storeServerFacts(tx, server, scan)
    const names = new Set(seen.map(tool => tool.name))
    const differs = ({ name, digest }: SeenTool) => {
      const earlier = known.get(name)
      return earlier !== undefined && (earlier.pinnedDigest ?? earlier.seenDigest) !== digest
    }
    const result = {
      slug,
      tools: await scannedTools(tx, server.id, seen),
      added: seen.filter(tool => !known.has(tool.name)).map(tool => tool.name),
      changed: seen.filter(differs).map(tool => tool.name),
      missing: [...known.keys()].filter(name => !names.has(name)),
    }
    const { added, changed, missing } = result
    await change({
      action: 'server.scan',
      entity: 'server',
      entityId: server.id,
      label: slug,
      after: { tools: seen.length, added, changed, missing },
    })
    return result
  })
}

function refuseAs(error: unknown): never {
  throw new Refusal('invalid', error instanceof Error ? error.message : String(error))
}

function refuseUnsafeList(scan: Scan): void {
  try {
    readDefinitions(scan.tools)
  } catch (error) {
    refuseAs(error)
  }
}

async function storeServerFacts(tx: Transaction, server: ServerRecord, scan: Scan): Promise<void> {
  const { instructions } = scan
  const info = JSON.stringify(scan.serverInfo ?? {})
  const isKept = isStorable(info) && info.length <= 65_536
  await tx.server.update({
    where: { id: server.id },
    data: {
      scannedAt: new Date(),
      instructions: instructions && isStorable(JSON.stringify(instructions)) ? instructions.slice(0, 65_536) : null,
      ...(isKept ? { serverInfo: JSON.parse(info) } : {}),
    },
  })
}

async function scannedTools(tx: Transaction, serverId: string, seen: readonly SeenTool[]): Promise<ScannedTool[]> {
  const stored = new Map((await tx.tool.findMany({ where: { serverId } })).map(tool => [tool.name, tool]))
  return seen.flatMap(({ name, digest, definition }) => {
    const tool = stored.get(name)
    if (!tool) return []
    const state = tool.pinnedDigest === null ? 'new' : tool.pinnedDigest === digest ? 'approved' : 'changed'
    return [{ name, digest, category: tool.category, risk: tool.risk, state, definition } as const]
  })
}
