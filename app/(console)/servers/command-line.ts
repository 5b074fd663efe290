import { z } from 'zod'

/** A command as it is typed. */
export const TypedCommand = z
  .string()
  .trim()
  .min(1, 'Say which program starts the server.')
  .refine(line => splitCommand(line) !== null, 'A quote is left open. Close it, or put a backslash before it.')

/**
 * Cuts a typed command into its arguments: blanks part them, quotes hold them together, a backslash takes the next
 * character as it is. Nothing is expanded: the server is started without a shell.
 * @returns null when a quote is left open
 */
export function splitCommand(line: string): string[] | null {
  const parts: string[] = []
  let part: string | null = null
  let quote: string | null = null
  for (let i = 0; i < line.length; i += 1) {
    const char = line[i] ?? ''
    if (quote !== null) {
      if (char === quote) quote = null
      else if (char === '\\' && quote === '"' && /["\\]/.test(line[i + 1] ?? '')) part = (part ?? '') + line[++i]
      else part = (part ?? '') + char
    } else if (char === '"' || char === "'") {
      quote = char
      part ??= ''
    } else if (char === '\\' && i + 1 < line.length) part = (part ?? '') + line[++i]
    else if (/\s/.test(char)) {
      if (part !== null) parts.push(part)
      part = null
    } else part = (part ?? '') + char
  }
  if (quote !== null) return null
  if (part !== null) parts.push(part)
  return parts
}

/** Writes arguments as they could be typed. */
export function joinCommand(parts: readonly string[]): string {
  return parts.map(part => (/^[\w@%+=:,./-]+$/.test(part) ? part : `'${part.replaceAll("'", `'"'"'`)}'`)).join(' ')
}
