import type { X509Certificate } from 'node:crypto'
import type { RetentionStatement } from '../retention/statement'
import type { CheckpointTimestamp } from '../timestamp/model'
import { Anchors, anchorChain, type GivenCheckpoints, reportLostChains } from './anchors'
import { ChainWalk } from './chain-walk'
import { decisionIn, Findings } from './findings'
import { reportMentions } from './mentions'
import type { ChainReport, Finding, LinkInput, VerifyReport } from './model'
import { Retention } from './retention'
import { checkStamps } from './stamps'

/** The part of a chain that is verified, when it is not all of it. */
export interface Slice {
  readonly chain: string
  readonly from: number
  readonly to: number
  /** Hash of the link before `from`. */
  readonly before: string
}

/** All records that there are; stretches of chains without gaps; or what a filter left of them. */
export type Scope = 'whole' | 'part' | 'filtered'

export interface VerifierOptions extends GivenCheckpoints {
  readonly scope: Scope
  /** Where chains begin and end, as far as somebody says so. */
  readonly slices: readonly Slice[]
  /** Of retention; those from outside first. */
  readonly statements?: readonly RetentionStatement[]
  /** Public keys of retention that are trusted; with none, that of the first statement is. */
  readonly retentionKeys?: readonly string[]
  readonly stamps?: readonly CheckpointTimestamp[]
  /** Certificates of time-stamping authorities, or of those above them, that are trusted. */
  readonly authorities?: readonly X509Certificate[]
}

/** Takes records one by one and says at the end what is wrong with them. Works without a database. */
export class RecordVerifier {
  readonly #findings = new Findings()
  readonly #anchors: Anchors
  readonly #retention: Retention
  readonly #options: VerifierOptions
  readonly #walks = new Map<string, ChainWalk>()
  readonly #slices: ReadonlyMap<string, Slice>
  readonly #scope: Scope
  #current: ChainWalk | null = null
  #unlinkedBefore = 0

  constructor(options: VerifierOptions) {
    this.#options = options
    this.#anchors = new Anchors(options, this.#findings)
    this.#retention = new Retention(options.statements ?? [], options.retentionKeys ?? [], this.#findings)
    this.#slices = new Map(options.slices.map(slice => [slice.chain, slice]))
    this.#scope = options.scope
  }

  add(link: LinkInput): void {
    if (this.#current?.chain !== link.chain) this.#current = this.#walkOf(link.chain)
    this.#current.add(link)
  }

  /** Something that is wrong with what the records came in. */
  addFinding(finding: Finding): void {
    this.#findings.add(finding)
  }

  /** A record without a place. @param hadChain whether its proxy kept a chain by then */
  addUnlinked(record: string, hadChain: boolean): void {
    if (!hadChain) this.#unlinkedBefore += 1
    else
      this.#findings.add({
        kind: 'unlinked',
        chain: null,
        sequence: null,
        decision: decisionIn(record),
        message: 'The record has no place in the chain that its proxy kept by then.',
      })
  }

  finish(): VerifyReport {
    const { stamps = [], authorities = [] } = this.#options
    const { stampedTo, notes: ofStamps } = checkStamps(stamps, authorities, this.#anchors, this.#findings)
    const notes = [...this.#anchors.notes, ...this.#retention.notes, ...ofStamps]
    for (const walk of this.#walks.values()) walk.finish(this.#scope !== 'filtered')
    const chains = [...this.#walks.values()].map(walk => ({
      ...this.#finishChain(walk),
      stampedTo: stampedTo.get(walk.chain) ?? null,
    }))
    if (this.#scope !== 'filtered')
      for (const slice of this.#slices.values()) if (!this.#walks.has(slice.chain)) this.#reportCutSlice(null, slice)
    if (this.#scope === 'whole') {
      reportLostChains(this.#walks, this.#anchors, this.#retention, this.#findings)
      reportMentions(this.#walks, this.#anchors, this.#retention, this.#findings)
    } else notes.push(...this.#limitsOf(chains))
    if (this.#unlinkedBefore > 0)
      notes.push(`${this.#unlinkedBefore} records are from before their proxy kept a chain; nothing protects them.`)
    if (this.#scope === 'whole' && this.#anchors.known.length > 0)
      for (const { chain, signedTo, records } of chains)
        if (signedTo === 0)
          notes.push(`Nobody signed chain ${chain} (${records} records): right for one that has just begun, else not.`)
    const records = chains.reduce((sum, chain) => sum + chain.records, 0)
    const { list, counts } = this.#findings
    return { isIntact: list.length === 0, records, chains, findings: inOrder(list), counts, notes }
  }

  #finishChain(walk: ChainWalk): ChainReport {
    const slice = this.#slices.get(walk.chain)
    if (this.#scope === 'filtered') return unanchored(walk)
    this.#retention.checkNeighbours(walk, this.#findings)
    if (slice && this.#retention.endOf(walk.chain, walk.last) < slice.to) this.#reportCutSlice(walk, slice)
    const mayEnd = this.#scope === 'part' ? (slice?.to ?? null) : null
    return anchorChain(walk, this.#anchors, this.#retention, this.#findings, mayEnd)
  }

  /** What cannot be told of less than the whole. */
  #limitsOf(chains: readonly ChainReport[]): string[] {
    if (this.#scope === 'part') {
      const parts = chains.map(({ proxy, first, last }) => `${proxy ?? 'a proxy'} ${first} to ${last}`)
      return [`This is a part of the record (${parts.join(', ')}): what is outside of it was not looked at.`]
    }
    const alone = [...this.#walks.values()].reduce((sum, walk) => sum + walk.unchecked, 0)
    return [
      `The export is filtered and holds no proof, so it cannot show that nothing was left out or changed: ${alone} of its ` +
        'records stand alone and could not be checked. Export with --proof to verify them all.',
    ]
  }

  #walkOf(chain: string): ChainWalk {
    const known = this.#walks.get(chain)
    if (known) return known
    const slice = this.#slices.get(chain)
    // The whole begins at the beginning, whatever an export says of itself.
    const isLater = slice && slice.from > 1 && this.#scope !== 'whole'
    const before = isLater ? { sequence: slice.from - 1, hash: slice.before } : null
    const wanted = new Set([...this.#anchors.wantedOf(chain), ...this.#retention.neighboursOf(chain)])
    const walk = new ChainWalk(chain, wanted, this.#findings, before, this.#retention.of(chain))
    this.#walks.set(chain, walk)
    return walk
  }

  #reportCutSlice(walk: ChainWalk | null, { chain, from, to }: Slice): void {
    const sequence = walk ? walk.last + 1 : from
    const message = `The export says that it goes to number ${to}, and ends before.`
    this.#findings.add({ kind: 'truncated', chain, sequence, decision: null, message }, to - sequence + 1)
  }
}

function unanchored({ chain, proxy, first, last, records, dropped }: ChainWalk): ChainReport {
  const nothing = { anchoredTo: 0, signedTo: 0, notAnchored: records, stampedTo: null }
  return { chain, proxy, first, last, records, dropped, ...nothing }
}

/** By chain and place, so that the first one named is the first bad record. */
function inOrder<Found extends { chain: string | null; sequence: number | null }>(list: readonly Found[]): Found[] {
  return [...list].sort((a, b) => {
    if (a.chain !== b.chain) return (a.chain ?? '~') < (b.chain ?? '~') ? -1 : 1
    return (a.sequence ?? 0) - (b.sequence ?? 0)
  })
}
