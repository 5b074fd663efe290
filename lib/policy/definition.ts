import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalJson } from './json/write'

export type Category = 'Read' | 'Write' | 'Execute' | 'Destructive' | 'Financial'
export type Risk = 'low' | 'medium' | 'high' | 'critical'

/** A tool as `tools/list` gave it, with the category and risk that the catalogue adds for conditions. */
export interface ToolDefinition {
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly inputSchema: unknown
  readonly outputSchema?: unknown
  readonly annotations?: Readonly<Record<string, unknown>>
  readonly category?: Category
  readonly risk?: Risk
}

/**
 * SHA-256 (hex) over the RFC 8785 form of a definition exactly as the server sent it, every member included: one that
 * only we understand (`category`, say) drifts like any other. Take it before the catalogue adds its own.
 */
export function definitionDigest(definition: ToolDefinition): string {
  return sha256Hex(canonicalJson(definition))
}

/** SHA-256 of the text's UTF-8 bytes, in hex. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)))
}
