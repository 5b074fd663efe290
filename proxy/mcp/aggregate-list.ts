import { setTimeout as sleep } from 'node:timers/promises'
import { isJsonObject, type JsonObject, type JsonValue } from '@/lib/policy'
import { composedCursor, cursorParts } from './aggregate-cursor'
import type { AggregateMember } from './aggregate-member'
import { prefixedEntry } from './aggregate-names'
import { errorMessage, type RequestMessage, readUpstreamMessage, resultMessage } from './messages'
import { ownId } from './pending'
import type { ListKind } from './requests'

/** A server that lists slower than this is left out, and the client is told to ask again when it has listed. */
export const PATIENCE = { listMs: 5_000 }

/** The capability that a server needs to have a list of this kind. */
const CAPABILITY_OF: Record<ListKind, string> = {
  tools: 'tools',
  prompts: 'prompts',
  resources: 'resources',
  resourceTemplates: 'resources',
}

interface Page {
  readonly entries: readonly JsonValue[]
  readonly nextCursor: string | null
}

/**
 * One page of the lists of all servers: the first page of each, or where a composed cursor says that some go on. A server
 * that fails or is slow takes nothing from the others.
 * @param members by slug, in the order of the list
 * @param onLate called when a server that was left out has listed after all
 * @returns the answer to `message`
 */
export async function listAll(
  kind: ListKind,
  message: RequestMessage,
  members: ReadonlyMap<string, Promise<AggregateMember>>,
  onLate: () => void,
): Promise<JsonObject> {
  const cursor = message.params?.cursor
  const cursors = cursor === undefined ? null : cursorParts(cursor)
  if (cursor !== undefined && !cursors)
    return errorMessage(message.id, { code: -32_602, message: 'The cursor is none that this list gave.' })
  const asked = [...members].filter(([slug]) => cursors === null || cursors.has(slug))
  const pages = await Promise.all(
    asked.map(
      async ([slug, member]) =>
        [slug, await inTime(pageOf(kind, message, member, cursors?.get(slug)), onLate)] as const,
    ),
  )
  const entries = pages.flatMap(([slug, page]) => (page?.entries ?? []).map(entry => prefixedEntry(slug, kind, entry)))
  const next = pages.flatMap(([slug, page]) => (page?.nextCursor ? [[slug, page.nextCursor] as const] : []))
  const nextCursor = composedCursor(new Map(next))
  return resultMessage(message.id, { [kind]: entries, ...(nextCursor === undefined ? {} : { nextCursor }) })
}

async function inTime(page: Promise<Page | null>, onLate: () => void): Promise<Page | null> {
  let isLate = false
  const late = sleep(PATIENCE.listMs, null, { ref: false }).then(() => {
    isLate = true
    return null
  })
  const tried = page.catch(() => null)
  void tried.then(found => {
    if (isLate && found && found.entries.length > 0) onLate()
  })
  return Promise.race([tried, late])
}

/** A server's own page, as it would answer at its own address; null when it has no such list, or gives none. */
async function pageOf(
  kind: ListKind,
  { method, params }: RequestMessage,
  joining: Promise<AggregateMember>,
  cursor: string | undefined,
): Promise<Page | null> {
  const member = await joining
  if (!isJsonObject(member.capabilities[CAPABILITY_OF[kind]])) return null
  const id = ownId()
  const { cursor: _composed, ...rest } = params ?? {}
  const own = cursor === undefined ? rest : { ...rest, cursor }
  const body = { jsonrpc: '2.0', id, method, params: own }
  const text = await member.session?.answer({ kind: 'request', id, method, params: own, body }, performance.now())
  const answer = readUpstreamMessage(text ?? '')
  const result = answer.kind === 'response' ? answer.body.result : undefined
  if (!isJsonObject(result)) return null
  const entries = result[kind]
  const { nextCursor } = result
  return {
    entries: Array.isArray(entries) ? entries : [],
    nextCursor: typeof nextCursor === 'string' ? nextCursor : null,
  }
}
