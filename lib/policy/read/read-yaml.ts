import { Composer, type CST, Lexer, type ParsedNode, Parser } from 'yaml'
import type { Diagnostic } from '../diagnostic'
import { utf8Length } from '../utf8'
import { convertNode } from './convert-node'
import { type SourceNode, TextIndex } from './source'

/** Longest text that is read, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 1_000_000
/** Deepest nesting: far over what a policy needs, far under what exhausts a stack. */
const MAX_DEPTH = 120
const MAX_SYNTAX_ERRORS = 50

export interface Reading {
  readonly index: TextIndex
  /** null when the text is no YAML, or not one that is read. With it, too, diagnostics are errors. */
  readonly root: SourceNode | null
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads YAML 1.2 (core schema) or JSON into values with their places. Bounded in time and depth; never throws. */
export function readYaml(text: string): Reading {
  const index = new TextIndex(text.length > MAX_TEXT_BYTES ? '' : text)
  const refuse = (code: string, message: string, from = 0, to = from): Reading => ({
    index,
    root: null,
    diagnostics: [{ severity: 'error', code, message, range: index.rangeOf(from, to) }],
  })
  if (text.length > MAX_TEXT_BYTES || utf8Length(text) > MAX_TEXT_BYTES) {
    return refuse('text_too_long', 'A policy is at most 1 MB of text. Split it, or leave out what repeats.')
  }
  const nul = text.indexOf('\0')
  if (nul >= 0) return refuse('control_character', 'The text holds a NUL character. Remove it.', nul, nul + 1)
  const syntax = readSyntax(text)
  if ('fault' in syntax) return refuse(syntax.code, syntax.fault, syntax.offset)
  return compose(text, syntax.tokens, index)
}

function compose(text: string, tokens: readonly CST.Token[], index: TextIndex): Reading {
  const options = { uniqueKeys: false, version: '1.2', schema: 'core', prettyErrors: false, merge: false } as const
  const diagnostics: Diagnostic[] = []
  const report = (code: string, message: string, from: number, to: number) => {
    if (diagnostics.length < MAX_SYNTAX_ERRORS) {
      diagnostics.push({ severity: 'error', code, message, range: index.rangeOf(from, to) })
    }
  }
  const documents = [...new Composer(options).compose(tokens, true, text.length)]
  const [document, second] = documents
  for (const { errors, warnings } of documents) {
    for (const { message, pos } of [...errors, ...warnings]) report('yaml_syntax', message, pos[0], pos[1])
  }
  if (second)
    report('several_documents', 'One file holds one policy: remove the second document.', second.range[0], text.length)
  for (const token of tokens) {
    if (token.type === 'directive') {
      report('yaml_directive', 'YAML directives are not read here.', token.offset, token.offset + token.source.length)
    }
  }
  const contents = document?.contents as ParsedNode | null | undefined
  if (diagnostics.length > 0) return { index, root: null, diagnostics }
  if (!contents || ('value' in contents && contents.value === null)) {
    report('empty_document', 'The document is empty. Write `default: deny` and the tools it allows.', 0, text.length)
    return { index, root: null, diagnostics }
  }
  return { index, root: convertNode(contents, report), diagnostics }
}

type Syntax = { tokens: readonly CST.Token[] } | { fault: string; code: string; offset: number }

/** Runs the parser that keeps its own stack, so that depth is known before anything recurses over the result. */
function readSyntax(text: string): Syntax {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let offset = 0
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    offset += lexeme.length
    if (parser.stack.length > MAX_DEPTH) {
      return {
        fault: `Nested deeper than ${MAX_DEPTH} levels.`,
        code: 'too_deep',
        offset: Math.min(offset, text.length),
      }
    }
  }
  tokens.push(...parser.end())
  return { tokens }
}
