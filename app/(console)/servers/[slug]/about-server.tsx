import type { ReactNode } from 'react'
import { KeyValue } from '@/components/ui/key-value'
import { Band, Sheet } from '@/components/ui/sheet'
import { TextLink } from '@/components/ui/text-link'
import { Instant } from '@/components/ui/time'
import { DEFAULT_DEADLINES } from '@/lib/catalogue/model'
import type { ServerView } from '@/lib/catalogue/queries'

const keeping: Record<ServerView['argumentsKept'], string> = {
  keep: 'Kept in records as they are',
  masked: 'Kept in records, secrets masked',
  keys: 'Only their names are kept',
  none: 'Not kept',
}

/** What is known of a server and how it is treated. */
export function AboutServer({ server }: { server: ServerView }) {
  const isStdio = server.transport === 'stdio'
  const names = isStdio ? server.environmentNames : server.headerNames
  const items: [string, ReactNode][] = [
    ['Policy', <PolicyLink key="policy" policy={server.policy} />],
    ['Registry name', server.registryName ?? undefined],
    ['Says it is', versionOf(server.serverInfo)],
    ['Steward', server.steward ? `${server.steward.name}, ${server.steward.email}` : 'Nobody'],
    ['On drift', server.drift === 'block' ? 'Calls to the tool are refused' : 'Calls pass and are marked'],
    ['Arguments', keeping[server.argumentsKept]],
    [isStdio ? 'Environment' : 'Headers', names.length > 0 ? names.join(', ') : 'None'],
    ['Private address', server.transport === 'http' ? (server.allowPrivate ? 'Allowed' : 'Refused') : undefined],
    ['Children', isStdio ? (server.isShared ? 'One for all sessions' : 'One for each session') : undefined],
    ['Transport', server.isSse ? 'HTTP with SSE' : undefined],
    ['Longest call', secondsOf(server.deadlineSeconds, DEFAULT_DEADLINES.seconds)],
    ['Longest silence', secondsOf(server.idleDeadlineSeconds, DEFAULT_DEADLINES.idleSeconds)],
    ['Added', <Instant key="added" at={server.createdAt} show="day" />],
  ]
  return (
    <Sheet>
      <Band title="About" />
      <div className="px-4 py-3">
        <KeyValue items={items} />
      </div>
      {server.instructions ? (
        <details className="border-t border-line px-4 py-3">
          <summary className="cursor-pointer text-xs font-label text-ink-2">Its instructions to agents</summary>
          <p className="mt-2 max-h-80 overflow-y-auto text-xs wrap-anywhere whitespace-pre-wrap text-ink-2">
            {server.instructions}
          </p>
        </details>
      ) : null}
    </Sheet>
  )
}

function PolicyLink({ policy }: { policy: ServerView['policy'] }) {
  if (!policy)
    return (
      <>
        None: every call is refused.{' '}
        <TextLink href="/policies" className="underline">
          Write one
        </TextLink>
      </>
    )
  return (
    <>
      <TextLink href={`/policies/${policy.name}`} className="font-mono wrap-anywhere">
        {policy.name}
      </TextLink>
      {policy.revision === null ? ', never published' : `, r${policy.revision}`}
    </>
  )
}

function secondsOf(seconds: number | null, usual: number): string {
  const text = seconds ?? usual
  const said = text % 3_600 === 0 ? `${text / 3_600} h` : text % 60 === 0 ? `${text / 60} min` : `${text} s`
  return seconds === null ? `${said}, as usual` : said
}

function versionOf(info: unknown): string | undefined {
  const { name, version } = (info ?? {}) as { name?: unknown; version?: unknown }
  if (typeof name !== 'string') return undefined
  return typeof version === 'string' ? `${name} ${version}` : name
}
