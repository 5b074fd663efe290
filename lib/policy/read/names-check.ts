import { isPattern } from '../names'
import type { Report } from './report'
import type { Path } from './source'

/** Control, format (bidi, zero width), line separators: what makes two names look alike. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Refuses a name that does not look like what it is. Returns whether it is fit. */
export function checkName(name: string, path: Path, report: Report, atKey = false): boolean {
  if (name.trim() === '') {
    report.error({ code: 'blank_name', message: 'A name cannot be blank.', path, atKey })
    return false
  }
  const unseen = UNSEEN.exec(name)?.[0]
  if (unseen === undefined) return true
  const code = `U+${(unseen.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  report.error({
    code: 'unseen_character',
    message: `The name holds an invisible character (${code}). Remove it.`,
    path,
    atKey,
  })
  return false
}

/** A pattern of nothing but stars would open every tool, which `*` never does. */
export function checkPattern(name: string, path: Path, report: Report, atKey = false): boolean {
  if (!checkName(name, path, report, atKey)) return false
  if (name.length < 2 || !isPattern(name) || /[^*]/.test(name)) return true
  const fix = report.replacement('Write *', path, '"*"', atKey)
  report.error({ code: 'stars_only', message: `"${name}" is every tool: write "*".`, path, atKey, fix })
  return false
}

/** Text that people and agents read must read in the order in which it is stored. */
export function checkText(text: string, path: Path, report: Report): void {
  if (/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(text)) {
    const message = 'The text holds characters that turn its direction; readers may see something else than agents.'
    report.warn({ code: 'bidi_character', message, path })
  }
}
