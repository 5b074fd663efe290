import {
  compile,
  type Document,
  type Entry,
  globMatches,
  type Identity,
  isPattern,
  type Rule,
  type ToolDefinition,
  visibility,
} from '@/lib/policy/index'
import { speaks } from './standing'
import { wordsOfRule } from './words'

/** What a text does with a tool before any argument is known. `by_arguments`: the call's content decides. */
export type TreatmentKind = 'allow' | 'limited' | 'approval' | 'deny' | 'hidden' | 'by_arguments'

export interface CitedRule {
  /** A server's slug, or `*` for the every-server document. */
  readonly policy: string
  readonly rule: string
  /** From 1; 0 where no text speaks. */
  readonly line: number
}

export interface Treatment {
  readonly kind: TreatmentKind
  /** The rules that lead to it, in the order they are judged. */
  readonly rules: readonly CitedRule[]
  /** What it asks of a call, in short pieces: `10 a minute, each session`. */
  readonly words: readonly string[]
}

/** A document and the name it is judged under. */
export interface NamedDocument {
  readonly name: string
  readonly document: Document
}

/** Who would call, where that is known; conditions on it are then decided too. */
export interface Circumstances {
  readonly server: string
  readonly identity?: Identity | null
}

const strictness: readonly TreatmentKind[] = ['hidden', 'deny', 'by_arguments', 'approval', 'limited', 'allow']

/** What all documents together do with a tool: each is judged whole, and the strictest word stands. */
export function treatmentOf(
  documents: readonly NamedDocument[],
  tool: ToolDefinition,
  circumstances: Circumstances,
): Treatment {
  if (documents.length === 0) {
    const rule = { policy: circumstances.server, rule: '(no policy)', line: 0 }
    return { kind: 'deny', rules: [rule], words: ['no policy'] }
  }
  const each = documents.map(document => treatmentBy(document, tool, circumstances))
  const kind = strictness.find(name => each.some(treatment => treatment.kind === name)) ?? 'allow'
  const decisive = kind === 'hidden' || kind === 'deny' ? each.filter(treatment => treatment.kind === kind) : each
  const telling = decisive.filter(treatment => treatment.kind !== 'allow' || treatment.words.length > 0)
  const shown = telling.length > 0 ? telling : decisive.slice(0, 1)
  return { kind, rules: shown.flatMap(t => t.rules), words: shown.flatMap(t => t.words) }
}

function treatmentBy(named: NamedDocument, tool: ToolDefinition, circumstances: Circumstances): Treatment {
  const { document } = named
  const cite = (rule: string, line: number): CitedRule => ({ policy: named.name, rule, line })
  const seen = visibility([compile(document, { name: named.name })], tool.name)
  const entries = entriesFor(document, tool.name)
  if (seen === 'hidden') {
    const line = document.hide.find(hidden => globMatches(hidden.name, tool.name))?.line
    return { kind: 'hidden', rules: [cite('(hidden)', line ?? entries.find(e => e.hide)?.line ?? 0)], words: [] }
  }
  if (seen === 'unnamed')
    return { kind: 'deny', rules: [cite('(default deny)', document.default.line)], words: ['no entry names it'] }
  return judged(document, entries, tool, circumstances, cite)
}

/** In the order of judgement: its own entry, globs, then `*`. */
function entriesFor(document: Document, name: string): Entry[] {
  const own = document.entries.filter(entry => entry.name === name)
  const globs = document.entries.filter(
    entry => entry.name !== name && entry.name !== '*' && isPattern(entry.name) && globMatches(entry.name, name),
  )
  return [...own, ...globs, ...document.entries.filter(entry => entry.name === '*' && globMatches('*', name))]
}

interface Speaking {
  rule: Rule
  always: boolean
  opens: boolean
}

function judged(
  document: Document,
  entries: readonly Entry[],
  tool: ToolDefinition,
  circumstances: Circumstances,
  cite: (rule: string, line: number) => CitedRule,
): Treatment {
  const speaking: Speaking[] = []
  let allowWritten = false
  for (const entry of entries) {
    for (const rule of entry.rules) {
      if (rule.mode === 'shadow') continue
      const opens = rule.action === 'allow' && entry.name !== '*'
      allowWritten ||= opens
      const standing = speaks(rule, tool, circumstances)
      if (standing !== 'never') speaking.push({ rule, always: standing === 'always', opens })
    }
  }
  const told = (kind: TreatmentKind, rules: readonly Rule[]): Treatment => ({
    kind,
    rules: rules.map(rule => cite(rule.name, rule.line)),
    words: [...new Set(rules.flatMap(wordsOfRule))],
  })
  const denies = speaking.filter(one => one.always && one.rule.action === 'deny').map(one => one.rule)
  if (denies.length > 0) return told('deny', denies.slice(0, 1))
  const openers = speaking.filter(one => one.opens)
  const mayBeClosed = allowWritten && !openers.some(one => one.always) && document.default.effect === 'deny'
  if (mayBeClosed && openers.length === 0)
    return { kind: 'deny', rules: [cite('(default deny)', document.default.line)], words: ['nothing opens it'] }
  const rules = speaking.map(one => one.rule)
  if (mayBeClosed || speaking.some(one => !one.always)) return told('by_arguments', rules)
  if (rules.some(rule => rule.action === 'require_approval')) return told('approval', rules)
  if (rules.some(rule => rule.limits.length > 0)) return told('limited', rules)
  if (rules.length > 0) return told('allow', rules)
  const naming = entries.find(entry => entry.name !== '*')
  return {
    kind: 'allow',
    rules: [naming ? cite('(named)', naming.line) : cite('(default allow)', document.default.line)],
    words: [],
  }
}
