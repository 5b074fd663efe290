import type { Document } from './document'

/** A document made ready to decide. Opaque: `evaluate`, `requirements` and `visibility` read it. */
export interface CompiledPolicy {
  /** The server's slug, `*` for every server, or the grant's name; part of every counter's key. */
  readonly name: string
  /** A grant's constraint is judged like a document, and is no policy by itself. */
  readonly isConstraint: boolean
  /** SHA-256 (hex) over the document's canonical content: equal content, equal digest, on every machine. */
  readonly digest: string
  readonly document: Document
}
