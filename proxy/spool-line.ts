import { crc32 } from 'node:zlib'

/**
 * Kinds of lines: `a` a decision to forward (an outcome must follow), `d` any other decision, `o` an outcome, `p` the note
 * that a decision of a segment about to go still waits for its outcome, `c` a signed checkpoint.
 */
export type LineKind = 'a' | 'd' | 'o' | 'p' | 'c'

export interface SpoolLine {
  readonly kind: LineKind
  /** JSON on one line. */
  readonly text: string
}

/** Header: kind, blank, 8 hex digits of length in bytes, blank, 8 hex digits of CRC-32 (of kind and text), blank. */
const HEADER_BYTES = 20
const KINDS = 'acdop'
const LF = 10

/** One line as bytes. @param text JSON without a line break, as JSON text always can be */
export function encodeLine(kind: LineKind, text: string): Buffer {
  return Buffer.from(encodeLines([{ kind, text, tail: '' }]))
}

let room = Buffer.allocUnsafe(256 * 1024)

/**
 * Lines as bytes. They stand in memory that the next call uses again.
 * @param lines where there is a tail, in ASCII, it takes the place of the text's last character: joining two strings of some
 *   thousand characters for each call would cost more
 */
export function encodeLines(lines: readonly (SpoolLine & { readonly tail: string })[]): Buffer {
  // A UTF-16 unit takes three bytes at most.
  const most = lines.reduce((sum, { text, tail }) => sum + HEADER_BYTES + text.length * 3 + tail.length + 1, 0)
  if (most > room.length) room = Buffer.allocUnsafe(most)
  let at = 0
  for (const { kind, text, tail } of lines) {
    const begin = at + HEADER_BYTES
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
  return HEADER_BYTES + Buffer.byteLength(text) + 1
}

export interface Decoded {
  readonly lines: SpoolLine[]
  /** Bytes read, up to the last whole line. */
  readonly consumed: number
  /** Lines whose length or checksum is wrong: skipped, up to the next line break. */
  readonly damaged: number
}

/** Reads whole lines from `bytes`, at most `limit`; an unfinished line at the end is left for later. */
export function decodeLines(bytes: Buffer, limit: number): Decoded {
  const lines: SpoolLine[] = []
  let at = 0
  let damaged = 0
  while (at < bytes.length && lines.length < limit) {
    const end = bytes.indexOf(LF, at)
    if (end < 0) break
    const line = decodeLine(bytes.subarray(at, end))
    if (line) lines.push(line)
    else damaged += 1
    at = end + 1
  }
  return { lines, consumed: at, damaged }
}

function decodeLine(bytes: Buffer): SpoolLine | null {
  const head = bytes.toString('latin1', 0, HEADER_BYTES)
  const kind = head[0] as LineKind
  if (head.length < HEADER_BYTES || !KINDS.includes(kind)) return null
  const body = bytes.subarray(HEADER_BYTES)
  const isWhole = head === header(kind, body.length, checksum(kind, body))
  return isWhole ? { kind, text: body.toString() } : null
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

/** The decision that a line speaks of: its id and time are the first two members of every spooled record. */
export function decisionOf({ text }: SpoolLine): { id: string; time: string } | null {
  const match = /^\{"(?:decision_)?id":"([0-9a-f-]{36})","(?:decision_)?time":"([0-9TZ:.-]{24})"/.exec(text)
  return match ? { id: match[1] as string, time: match[2] as string } : null
}

/** Whose decision a line is: a member that stands near its begin. */
export function identityOf({ text }: SpoolLine): string | null {
  return /^[^[]{0,400}?,"identity_id":"([0-9a-f-]{36})"/.exec(text)?.[1] ?? null
}
