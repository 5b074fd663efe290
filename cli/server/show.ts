import type { Actor } from '@/lib/auth/model'
import { DEFAULT_DEADLINES } from '@/lib/catalogue/model'
import { readServer, type ServerView } from '@/lib/catalogue/queries'
import { toTable } from '../output'

/** A server with its settings; of each tool what stands in a list, not its definition. */
export async function show(actor: Actor, slug: string) {
  const { tools, ...server } = await readServer(actor, slug)
  const listed = tools.map(({ definition: _seen, pinned: _pinned, description: _text, ...tool }) => tool)
  return { ...server, tools: listed }
}

type Shown = Awaited<ReturnType<typeof show>>

export function sayShown(server: Shown): string {
  const rows = Object.entries(settingsOf(server)).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))
  const tools = server.tools.map(({ name, category, risk, state }) => [name, category, risk, state])
  const list = tools.length > 0 ? toTable(['TOOL', 'CATEGORY', 'RISK', 'STATE'], tools) : 'No tools are known yet.\n'
  return `${toTable(['SETTING', 'VALUE'], rows)}\n${list}`
}

function settingsOf(server: Shown): Record<string, string | null> {
  const isStdio = server.transport === 'stdio'
  const names = isStdio ? server.environmentNames : server.headerNames
  const { deadlineSeconds, idleDeadlineSeconds, policy } = server
  return {
    slug: server.slug,
    title: server.title,
    'registry name': server.registryName,
    steward: server.steward?.email ?? 'nobody',
    transport: server.transport,
    command: isStdio ? JSON.stringify(server.command) : null,
    address: server.url,
    'private address': isStdio ? null : yesOrNo(server.allowPrivate),
    sse: isStdio ? null : yesOrNo(server.isSse),
    shared: isStdio ? yesOrNo(server.isShared) : null,
    [isStdio ? 'environment' : 'headers']: names.join(', ') || 'none',
    drift: server.drift,
    arguments: server.argumentsKept,
    deadline: secondsOf(deadlineSeconds, DEFAULT_DEADLINES.seconds),
    'idle deadline': secondsOf(idleDeadlineSeconds, DEFAULT_DEADLINES.idleSeconds),
    policy: policy ? `${policy.name} ${policy.revision === null ? '(not published)' : `r${policy.revision}`}` : 'none',
  }
}

function yesOrNo(value: ServerView['isShared']): string {
  return value ? 'yes' : 'no'
}

function secondsOf(seconds: number | null, usual: number): string {
  return seconds === null ? `${usual} s (default)` : `${seconds} s`
}
