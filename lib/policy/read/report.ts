import type { Diagnostic, Fix, Severity } from '../diagnostic'
import { keySpanAt, nodeAt, type Path, pointerOf, type SourceNode, type TextIndex } from './source'

/** A document with more faults than this is told of the first ones only. */
const MAX_DIAGNOSTICS = 500

export interface Finding {
  readonly code: string
  readonly message: string
  readonly path: Path
  /** Underline the key instead of the value. */
  readonly atKey?: boolean
  /** It speaks of something that is not there: no text is underlined, only its place marked. */
  readonly atStart?: boolean
  readonly fix?: Fix
}

/** Collects diagnostics and finds their places. */
export class Report {
  readonly diagnostics: Diagnostic[] = []
  #errors = 0
  readonly #muted = new Set<string>()
  readonly #mutedTrees = new Set<string>()
  readonly #mutedCodes = new Set<string>()

  constructor(
    readonly index: TextIndex,
    readonly root: SourceNode,
  ) {}

  get hasErrors(): boolean {
    return this.#errors > 0
  }

  /** Nothing more will be told, so that nothing more need be looked for. */
  get isFull(): boolean {
    return this.diagnostics.length >= MAX_DIAGNOSTICS
  }

  error(finding: Finding): void {
    this.#errors++
    this.#add('error', finding)
  }

  /** Says nothing more of these places and what holds them: they have been read without what was wrong in them. */
  muteAround(paths: readonly Path[]): void {
    for (const path of paths) {
      for (let length = 1; length <= path.length; length++) this.#muted.add(pointerOf(path.slice(0, length)))
    }
  }

  warn(finding: Finding): void {
    this.#add('warning', finding)
  }

  inform(finding: Finding): void {
    this.#add('info', finding)
  }

  /** A fix that puts text in the place of a value or a key. */
  replacement(title: string, path: Path, insert: string, atKey = false): Fix {
    const { from, to } = atKey ? keySpanAt(this.root, path) : nodeAt(this.root, path)
    return { title, edits: [{ from, to, insert }] }
  }

  /**
   * A fix that adds a line to the mapping at a path, before the key `beside` (or the first one): on its own line in block
   * style, before a comma in braces. null when there is no such key.
   */
  insertion(title: string, path: Path, beside: string, line: string): Fix | null {
    const mapping = nodeAt(this.root, path)
    const member = mapping.members?.get(beside)
    if (!member && mapping.members?.size === 0) {
      const inside = mapping.from + 1
      return { title, edits: [{ from: inside, to: inside, insert: line }] }
    }
    if (!member) return null
    const { column } = this.index.rangeOf(member.keyFrom, member.keyFrom).start
    const isFlow = this.index.text[mapping.from] === '{'
    const insert = isFlow ? `${line}, ` : `${line}\n${' '.repeat(column - 1)}`
    return { title, edits: [{ from: member.keyFrom, to: member.keyFrom, insert }] }
  }

  /** Says nothing more of this place and what is in it. */
  muteWithin(path: Path): void {
    this.#mutedTrees.add(pointerOf(path))
  }

  muteCode(code: string): void {
    this.#mutedCodes.add(code)
  }

  #isMuted(pointer: string, code: string): boolean {
    if (this.#muted.has(pointer) || this.#mutedCodes.has(code)) return true
    for (let end = pointer.length; end > 0; end = pointer.lastIndexOf('/', end - 1)) {
      if (this.#mutedTrees.has(pointer.slice(0, end))) return true
    }
    return false
  }

  #add(severity: Severity, { code, message, path, atKey, atStart, fix }: Finding): void {
    const pointer = pointerOf(path)
    if (this.isFull || this.#isMuted(pointer, code)) return
    const { from, to } = atKey ? keySpanAt(this.root, path) : nodeAt(this.root, path)
    const range = this.index.rangeOf(from, atStart ? from : to)
    this.diagnostics.push({ severity, code, message, range, pointer, ...(fix ? { fix } : {}) })
  }
}
