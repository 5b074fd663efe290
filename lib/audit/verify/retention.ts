import { genesis } from '../chain'
import { type DroppedRun, isStatementSigned, type RetentionStatement, statementDigest } from '../retention/statement'
import type { ChainWalk } from './chain-walk'
import type { Findings } from './findings'

/** Numbers of a chain, first and last. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** What statements say of one chain. */
export interface DroppedLinks {
  /** Hash of a link that was the last one of a run. */
  hashAt(sequence: number): string | undefined
  /** The parts of a span that no statement covers. */
  uncovered(span: Span): Span[]
}

interface OfChain {
  readonly runs: DroppedRun[]
  readonly ends: Map<number, string>
  /** What the runs cover, parted by what they do not, in order. */
  spans: Span[]
}

/** The statements of retention that a trusted key signed: what they cover was dropped, and is not missing. */
export class Retention {
  readonly notes: string[] = []
  /** Of those that count. */
  readonly digests = new Set<string>()
  readonly #chains = new Map<string, OfChain>()

  /** @param keys that are trusted; with none, the key of the first statement is, and said to be */
  constructor(given: readonly RetentionStatement[], keys: readonly string[], findings: Findings) {
    const unique = new Map(given.map(statement => [statementDigest(statement), statement]))
    const inOrder = [...unique].sort(([, a], [, b]) => a.number - b.number)
    const trusted = new Set(keys.length > 0 ? keys : given.slice(0, 1).map(({ key }) => key))
    if (keys.length === 0 && given.length > 0)
      this.notes.push(
        'No public key of retention was given: the key of the first statement is believed. Give --retention-key to be sure.',
      )
    for (const [digest, statement] of inOrder) {
      const problem = problemOf(statement, trusted)
      if (problem) findings.add({ kind: 'forged_statement', ...NOWHERE, message: problem })
      else this.#take(digest, statement)
    }
    for (const of of this.#chains.values()) of.spans = joined(of.runs)
    this.#reportMissing(inOrder, findings)
    if (this.digests.size > 0) this.notes.push(sentenceOf(inOrder.map(([, each]) => each)))
  }

  /** For the walk of one chain. */
  of(chain: string): DroppedLinks {
    return {
      hashAt: sequence => this.hashAt(chain, sequence),
      uncovered: span => this.uncovered(chain, span),
    }
  }

  hashAt(chain: string, sequence: number): string | undefined {
    return this.#chains.get(chain)?.ends.get(sequence)
  }

  uncovered(chain: string, { from, to }: Span): Span[] {
    const spans = this.#chains.get(chain)?.spans ?? []
    const left: Span[] = []
    let next = from
    for (let i = firstBehind(spans, from); i < spans.length; i++) {
      const span = spans[i] as Span
      if (span.from > to) break
      if (span.from > next) left.push({ from: next, to: span.from - 1 })
      next = span.to + 1
    }
    if (next <= to) left.push({ from: next, to })
    return left
  }

  /** Where a chain ends whose last record is here: what was behind it may have been dropped. */
  endOf(chain: string, last: number): number {
    const spans = this.#chains.get(chain)?.spans ?? []
    const span = spans[firstBehind(spans, last + 1)]
    return span && span.from <= last + 1 ? span.to : last
  }

  /** Numbers next to dropped runs, whose hash the statements know. */
  neighboursOf(chain: string): number[] {
    return (this.#chains.get(chain)?.runs ?? []).map(({ from }) => from - 1)
  }

  /** Holds what stands before each dropped run against what stood there when it was dropped. */
  checkNeighbours(walk: ChainWalk, findings: Findings): void {
    const { chain } = walk
    for (const { from, before } of this.#chains.get(chain)?.runs ?? []) {
      const stands = from === 1 ? genesis(chain) : (walk.hashAt(from - 1) ?? this.hashAt(chain, from - 1))
      if (before === null || stands === undefined || stands === before) continue
      const message = 'It is not the record that stood here when retention dropped those behind it.'
      findings.add({ kind: 'replaced', chain, sequence: from - 1, decision: null, message })
    }
  }

  #take(digest: string, statement: RetentionStatement): void {
    this.digests.add(digest)
    for (const { chain, runs } of statement.chains) {
      const known = this.#chains.get(chain) ?? { runs: [], ends: new Map<number, string>(), spans: [] }
      this.#chains.set(chain, known)
      known.runs.push(...runs)
      for (const { to, hash } of runs) known.ends.set(to, hash)
    }
  }

  /** Statements follow on each other without a gap from the first that is here. */
  #reportMissing(inOrder: readonly (readonly [string, RetentionStatement])[], findings: Findings): void {
    for (const [digest, { number, previous }] of inOrder) {
      if (!this.digests.has(digest) || previous === null || this.digests.has(previous)) continue
      const message = `Statement ${number - 1} of retention is gone, on which statement ${number} follows.`
      findings.add({ kind: 'missing_statement', ...NOWHERE, message })
    }
  }
}

function joined(runs: readonly DroppedRun[]): Span[] {
  const spans: { from: number; to: number }[] = []
  for (const { from, to } of [...runs].sort((a, b) => a.from - b.from)) {
    const last = spans.at(-1)
    if (last && from <= last.to + 1) last.to = Math.max(last.to, to)
    else spans.push({ from, to })
  }
  return spans
}

/** Index of the first span that does not end before a number. */
function firstBehind(spans: readonly Span[], number: number): number {
  let [low, high] = [0, spans.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle] as Span).to < number) low = middle + 1
    else high = middle
  }
  return low
}

const NOWHERE = { chain: null, sequence: null, decision: null } as const

function problemOf(statement: RetentionStatement, trusted: ReadonlySet<string>): string | null {
  const name = `Statement ${statement.number} of retention (${statement.time})`
  if (!isStatementSigned(statement)) return `The signature of ${name.toLowerCase()} is wrong.`
  return trusted.has(statement.key) ? null : `${name} is signed by ${statement.key}, which is no trusted key.`
}

function sentenceOf(statements: readonly RetentionStatement[]): string {
  const sum = (of: (statement: RetentionStatement) => number) => statements.reduce((all, each) => all + of(each), 0)
  const until = statements
    .map(({ to }) => to)
    .sort()
    .at(-1)
  const count = (value: number) => value.toLocaleString('en')
  return (
    `Retention dropped ${count(sum(each => each.decisions))} decisions and ${count(sum(each => each.outcomes))} outcomes ` +
    `of before ${until?.slice(0, 10)}, by ${count(statements.length)} signed ${statements.length === 1 ? 'statement' : 'statements'}.`
  )
}
