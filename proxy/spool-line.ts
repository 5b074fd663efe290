import { crc32 } from 'node:zlib'

/**
 * Kinds of lines: `a` a decision to forward (an outcome must follow), `d` any other decision, `o` an outcome, `p` the note
 * that a decision of a segment about to go still waits for its outcome, `c` a signed checkpoint.
 */
export type LineKind = 'a' | 'd' | 'o' | 'p' | 'c'

/** A line as it was read. Its bytes are those of the buffer that was read, so that shipping copies them once and makes no text. */
export class SpoolLine {
  constructor(
    readonly kind: LineKind,
    /** JSON on one line, in UTF-8. */
    readonly bytes: Buffer,
  ) {}

  get text(): string {
    return this.bytes.toString()
  }

  /** What it takes in the spool, in bytes. */
  get size(): number {
    return TEXT_OFFSET + this.bytes.length + 1
  }
}

/** A line to be written. */
export interface SpooledText {
  readonly kind: LineKind
  /** JSON on one line. */
  readonly text: string
  /** In ASCII; where there is one it takes the place of the text's last character. */
  readonly tail: string
}

/** Header: kind, blank, 8 hex digits of length in bytes, blank, 8 hex digits of CRC-32 (of kind and text), blank. */
export const TEXT_OFFSET = 20
const KINDS = 'acdop'
export const LF = 10
const BLANK = 32

/** One line as bytes. @param text JSON without a line break, as JSON text always can be */
export function encodeLine(kind: LineKind, text: string): Buffer {
  return Buffer.from(encodeLines([{ kind, text, tail: '' }]))
}

let room = Buffer.allocUnsafe(256 * 1024)

/**
 * Lines as bytes. They stand in memory that the next call uses again. (Text and tail come apart since joining two strings of
 * some thousand characters for each call would cost more.)
 */
export function encodeLines(lines: readonly SpooledText[]): Buffer {
  // A UTF-16 unit takes three bytes at most.
  const most = lines.reduce((sum, { text, tail }) => sum + TEXT_OFFSET + text.length * 3 + tail.length + 1, 0)
  if (most > room.length) room = Buffer.allocUnsafe(most)
  let at = 0
  for (const { kind, text, tail } of lines) {
    const begin = at + TEXT_OFFSET
    let end = begin + room.write(text, begin, 'utf8')
    if (tail !== '') end += room.write(tail, end - 1, 'latin1') - 1
    const sum = checksum(kind, room.subarray(begin, end))
    room.write(header(kind, end - begin, sum), at, 'latin1')
    room[end] = LF
    at = end + 1
  }
  return room.subarray(0, at)
}

/** What a text takes as a line, in bytes. */
export function lineBytes(text: string): number {
  return TEXT_OFFSET + Buffer.byteLength(text) + 1
}

/** The kind of the line from `at` to the line break at `end`; null where its length or checksum is wrong. */
export function kindOfLine(bytes: Buffer, at: number, end: number): LineKind | null {
  const begin = at + TEXT_OFFSET
  const kind = String.fromCharCode(bytes[at] ?? 0) as LineKind
  if (begin > end || !KINDS.includes(kind)) return null
  const isFramed = bytes[at + 1] === BLANK && bytes[at + 10] === BLANK && bytes[at + 19] === BLANK
  if (!isFramed || readHex(bytes, at + 2) !== end - begin) return null
  return readHex(bytes, at + 11) === checksum(kind, bytes.subarray(begin, end)) ? kind : null
}

/** Eight lower-case hex digits; -1 where there are others. */
function readHex(bytes: Buffer, from: number): number {
  let value = 0
  for (let at = from; at < from + 8; at++) {
    const unit = bytes[at] as number
    const digit = unit >= 48 && unit <= 57 ? unit - 48 : unit >= 97 && unit <= 102 ? unit - 87 : -1
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}

function header(kind: LineKind, bytes: number, sum: number): string {
  return `${kind} ${hex(bytes)} ${hex(sum)} `
}

function checksum(kind: LineKind, body: Buffer): number {
  return crc32(body, kind.charCodeAt(0))
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}

/** What a spooled record says of its decision. */
export interface SpooledAbout {
  readonly id: string
  readonly time: string
  /** Whose share of the spool it takes; null for outcomes. */
  readonly identityId?: string | null
}

/** The decision that a line speaks of; null where it speaks of none. */
export function aboutOf({ bytes }: SpoolLine): SpooledAbout | null {
  const { id, time, identity_id, decision_id, decision_time } = parseLine(bytes)
  const about = { id: id ?? decision_id, time: time ?? decision_time, identityId: identity_id ?? null }
  return typeof about.id === 'string' && typeof about.time === 'string' ? (about as SpooledAbout) : null
}

function parseLine(bytes: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(bytes.toString()) ?? {}
  } catch {
    return {}
  }
}
