import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalJson } from './json/write'

export type Category = 'Read' | 'Write' | 'Execute' | 'Destructive' | 'Financial'
export type Risk = 'low' | 'medium' | 'high' | 'critical'

/** A tool as `tools/list` gave it; category and risk are ours and no part of the digest's meaning to the server. */
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

/** SHA-256 (hex) over the definition's RFC 8785 form, without what we add to it (category, risk). */
export function definitionDigest(definition: ToolDefinition): string {
  const { category: _category, risk: _risk, ...sent } = definition
  return sha256Hex(canonicalJson(sent))
}

/** SHA-256 of the text's UTF-8 bytes, in hex. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)))
}
