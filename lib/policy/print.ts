import type { Document } from './document'

/** The document as YAML in its canonical order; `parse(print(p))` has p's content. */
export function print(_document: Document): string {
  throw new Error('In the making')
}
