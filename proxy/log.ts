import pino, { type Logger } from 'pino'

/** Structured lines on standard error. Nothing that a client or an upstream sent goes in unmasked, and no header at all. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error'>

export function openLog(proxy: string): Log {
  return pino(
    { base: { proxy }, errorKey: 'error', timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  )
}

/** For tests that do not read the log. */
export const silentLog: Log = pino({ level: 'silent' })
