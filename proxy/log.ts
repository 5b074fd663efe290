import pino, { type DestinationStream, type Logger } from 'pino'
import { maskSecrets } from '@/lib/audit/secret-shapes'

/** Structured lines on standard error. Nothing that a client or an upstream sent goes in unmasked, and no header at all. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error'>

const MAX_TEXT = 2_000

/** @param to for tests; else standard error, written at once, so that a proxy's last words are not lost */
export function openLog(proxy: string, to: DestinationStream = pino.destination({ fd: 2, sync: true })): Log {
  return pino(
    {
      base: { proxy },
      errorKey: 'error',
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: describeError },
      formatters: { log: maskTexts },
    },
    to,
  )
}

/**
 * What tells where an error comes from, and no more: errors of Postgres carry the row they are about, those of Redis the
 * command with its keys.
 */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: 'not an error' }
  const { name, message, stack } = error
  const { code } = error as NodeJS.ErrnoException
  return { type: name, message: masked(message), ...(code === undefined ? {} : { code }), stack: masked(stack ?? '') }
}

/** The net beneath what callers mask themselves. */
function maskTexts(fields: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? masked(value) : value,
  ])
  return Object.fromEntries(entries)
}

function masked(text: string): string {
  return maskSecrets(text).slice(0, MAX_TEXT)
}

/** For tests that do not read the log. */
export const silentLog: Log = pino({ level: 'silent' })
