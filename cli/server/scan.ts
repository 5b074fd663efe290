import type { Actor } from '@/lib/auth/model'
import { Refusal } from '@/lib/auth/refusal'
import { approveTools, type ScanResult, scanServer } from '@/lib/catalogue/commands'
import { readServer } from '@/lib/catalogue/queries'
import { toTable } from '../output'

const digestsOf = (tools: readonly { name: string; digest: string }[]) =>
  Object.fromEntries(tools.map(({ name, digest }) => [name, digest]))

/** Scans, and pins what is shown: exactly these digests, new and changed ones (DESIGN §5.4). @throws Refusal */
export async function scan(actor: Actor, slug: string, approves: boolean) {
  const result = await scanServer(actor, { slug })
  const open = result.tools.filter(tool => tool.state !== 'approved')
  const approved =
    approves && open.length > 0
      ? (await approveTools(actor, { slug, tools: 'all', digests: digestsOf(open) })).approved
      : []
  return { ...result, approved }
}

export function sayScan({ slug, tools, missing, approved }: ScanResult & { approved: readonly string[] }): string {
  const rows = tools.map(({ name, category, risk, state, digest }) => [
    name,
    category,
    risk,
    state,
    digest.slice(0, 12),
  ])
  const open = tools.filter(tool => tool.state !== 'approved').length - approved.length
  return [
    tools.length > 0
      ? toTable(['TOOL', 'CATEGORY', 'RISK', 'WAS', 'DIGEST'], rows)
      : `Server ${slug} lists no tools.\n`,
    missing.length > 0 ? `Gone from the list: ${missing.join(', ')}.\n` : '',
    approved.length > 0 ? `Pinned ${approved.length} of ${tools.length} definitions: ${approved.join(', ')}.\n` : '',
    open > 0 ? `${open} wait for approval. Next: intercept server approve ${slug} --all\n` : '',
  ].join('')
}

/** Pins the definitions last seen of the tools named. @throws Refusal */
export async function approve(actor: Actor, slug: string, tools: 'all' | readonly string[]) {
  if (tools.length === 0) throw new Refusal('invalid', 'Name the tools to approve, or give --all.')
  const server = await readServer(actor, slug)
  const listed = server.tools.flatMap(({ name, seenDigest, state }) =>
    seenDigest === null || state === 'missing' ? [] : [{ name, digest: seenDigest }],
  )
  const chosen = tools === 'all' ? tools : [...tools]
  return { slug, ...(await approveTools(actor, { slug, tools: chosen, digests: digestsOf(listed) })) }
}

export function sayApproved({ slug, approved }: { slug: string; approved: readonly string[] }): string {
  return `Approved ${approved.join(', ')} of ${slug}.\n`
}
