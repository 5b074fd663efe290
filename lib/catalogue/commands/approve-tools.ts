import { z } from 'zod'
import { command } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import { sqlIn } from '@/lib/db/client'
import type { ToolDefinition } from '@/lib/policy'
import { classify } from '../classify'
import { Slug } from '../model'
import { serverBySlug } from '../server-record'

/** `digests` says what was looked at; `tools` which of it to approve. */
const ApproveTools = z.strictObject({
  slug: Slug,
  tools: z.union([z.literal('all'), z.array(z.string().min(1)).min(1, 'Name the tools to approve, or all.')]),
  digests: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/, 'A digest is 64 hexadecimal digits.')),
})

interface Pin {
  readonly name: string
  readonly digest: string
}

function pinsOf(tools: 'all' | readonly string[], digests: Readonly<Record<string, string>>): Pin[] {
  return (tools === 'all' ? Object.keys(digests) : [...new Set(tools)]).map(name => {
    const digest = digests[name]
    if (digest === undefined)
      throw new Refusal('invalid', `The definition of ${name} was not shown. Scan the server first.`)
    return { name, digest }
  })
}

/**
 * Pins exactly the definitions that were shown, all or none. A category that nobody chose is guessed anew from them.
 * @throws Refusal `conflict` naming the tools that changed or went since they were shown
 */
export async function approveTools(actor: Actor, input: z.input<typeof ApproveTools>): Promise<{ approved: string[] }> {
  return command(actor, 'server.manage', ApproveTools, input, async ({ tx, change }, { slug, tools, digests }) => {
    const server = await serverBySlug(tx, slug)
    const pins = pinsOf(tools, digests)
    if (pins.length === 0) throw new Refusal('invalid', `Server ${slug} shows no tool to approve. Scan it first.`)
    const known = await tx.tool.findMany({ where: { serverId: server.id, name: { in: pins.map(pin => pin.name) } } })
    const definitions = await tx.definition.findMany({
      where: { serverId: server.id, digest: { in: pins.map(pin => pin.digest) } },
    })
    const byDigest = new Map(definitions.map(row => [row.digest, row.content as unknown as ToolDefinition]))
    const rows = pins.map(pin => ({ ...pin, ...classify(byDigest.get(pin.digest) ?? { name: pin.name }) }))
    const pinned = await sqlIn(tx).query<{ name: string }>(
      `UPDATE tools t SET pinned_digest = a.digest, approved_at = now(), approved_by = $3,
         category = CASE WHEN t.category_source = 'steward' THEN t.category ELSE a.category::"Category" END,
         risk = CASE WHEN t.category_source = 'steward' THEN t.risk ELSE a.risk::"Risk" END,
         category_source = CASE WHEN t.category_source = 'steward' THEN t.category_source ELSE a.source END
       FROM jsonb_to_recordset($2::jsonb) AS a(name text, digest text, category text, risk text, source text)
       WHERE t.server_id = $1::uuid AND t.name = a.name AND t.seen_digest = a.digest AND t.missing_since IS NULL
       RETURNING t.name`,
      [server.id, JSON.stringify(rows), actor.name],
    )
    refuseMoved(slug, pins, new Set(pinned.map(row => row.name)))
    const before = new Map(known.map(tool => [tool.name, tool.pinnedDigest]))
    await change({
      action: 'tool.approve',
      entity: 'server',
      entityId: server.id,
      label: slug,
      before: { tools: Object.fromEntries(pins.map(({ name }) => [name, before.get(name) ?? null])) },
      after: { tools: Object.fromEntries(pins.map(({ name, digest }) => [name, digest])) },
    })
    return { approved: pins.map(pin => pin.name) }
  })
}

function refuseMoved(slug: string, pins: readonly Pin[], pinned: ReadonlySet<string>): void {
  const moved = pins.filter(pin => !pinned.has(pin.name)).map(pin => pin.name)
  if (moved.length === 0) return
  throw new Refusal(
    'conflict',
    `Nothing was approved: ${moved.join(', ')} of ${slug} changed or went since it was shown. Scan again and look at the change.`,
    moved.map(path => ({ path, message: 'Not the definition that was shown.' })),
  )
}
