import { sha256Hex } from './definition'
import type { Document, DocumentTest, Entry, Rule } from './document'
import { canonicalJson } from './json/write'
import { isPattern } from './names'

/** The document without its places: what decides, what is printed, what the digest covers. */
export function contentOf(document: Document) {
  const { language, isVersioned, description, timezone, redact } = document
  return {
    language,
    isVersioned,
    description,
    timezone,
    default: { effect: document.default.effect, isWritten: document.default.isWritten },
    hide: document.hide.map(({ name }) => name),
    redact,
    entries: document.entries.map(entryContent),
    tests: document.tests.map(testContent),
  }
}

function entryContent({ name, hide, rules }: Entry) {
  return { name, hide, rules: rules.map(ruleContent) }
}

/** A rule's own content: what an open approval is bound to. */
export function ruleContent({ pointer: _pointer, line: _line, range: _range, ...content }: Rule) {
  return content
}

function testContent({ pointer: _pointer, line: _line, range: _range, ...content }: DocumentTest) {
  return content
}

/**
 * SHA-256 (hex) over the RFC 8785 form of the content. Entries for exact names have no order among themselves, so they
 * are sorted; globs keep theirs, since the first failing rule names the message.
 */
export function digestOf(document: Document): string {
  const content = contentOf(document)
  const exact = content.entries.filter(({ name }) => !isPattern(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
  const globs = content.entries.filter(({ name }) => isPattern(name))
  return sha256Hex(canonicalJson({ ...content, entries: [...exact, ...globs] }))
}
