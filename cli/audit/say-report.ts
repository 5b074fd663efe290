import type { ChainReport, Finding, VerifyReport } from '@/lib/audit/verify/model'
import { toTable } from '../output'

/** The most findings that are listed for people; `--json` lists a hundred. */
const MOST_SHOWN = 20

/** What the verification says, the finding first. @param seconds that it took */
export function sayReport(report: VerifyReport, seconds: number): string {
  const { isIntact, records, chains, findings, counts, notes } = report
  const amount = `${number(records)} records in ${chains.length} ${chains.length === 1 ? 'chain' : 'chains'}`
  const rate = `${seconds.toFixed(1)} s`
  const parts = [
    isIntact
      ? `Nothing was found wrong: ${amount}, ${rate}.\n`
      : `TAMPERED WITH: ${sayCounts(counts)}. ${amount}, ${rate}.\n`,
    isIntact ? '' : sayFindings(findings),
    chains.length === 0 ? '' : sayChains(chains),
    notes.map(note => `Note: ${note}\n`).join(''),
  ]
  return parts.filter(part => part !== '').join('\n')
}

function sayCounts(counts: VerifyReport['counts']): string {
  return Object.entries(counts)
    .map(([kind, count]) => `${number(count)} ${kind.replaceAll('_', ' ')}`)
    .join(', ')
}

function sayFindings(findings: readonly Finding[]): string {
  const [first] = findings
  const shown = findings.slice(0, MOST_SHOWN).map(sayFinding)
  const more = findings.length > MOST_SHOWN ? `… and ${findings.length - MOST_SHOWN} more; --json lists them.\n` : ''
  return first ? `First bad record: ${placeOf(first)}\n${shown.join('')}${more}` : ''
}

function sayFinding(finding: Finding): string {
  return `  ${finding.kind.replaceAll('_', ' ')} at ${placeOf(finding)}: ${finding.message}\n`
}

function placeOf({ chain, sequence, decision }: Finding): string {
  const place = chain === null ? 'no chain' : `number ${sequence} of chain ${chain}`
  return decision === null ? place : `${place}, decision ${decision}`
}

function sayChains(chains: readonly ChainReport[]): string {
  const hasStamps = chains.some(({ stampedTo }) => stampedTo !== null)
  const hasDropped = chains.some(({ dropped }) => dropped > 0)
  const rows = chains.map(chain => [
    chain.proxy ?? '?',
    chain.chain,
    `${number(chain.first)}–${number(chain.last)}`,
    chain.signedTo === 0 ? '–' : `to ${number(chain.signedTo)}`,
    chain.anchoredTo === 0 ? '–' : `to ${number(chain.anchoredTo)}`,
    number(chain.notAnchored),
    ...(hasStamps ? [chain.stampedTo ? `to ${number(chain.stampedTo.sequence)}, ${chain.stampedTo.time}` : '–'] : []),
    ...(hasDropped ? [number(chain.dropped)] : []),
  ])
  const heads = ['PROXY', 'CHAIN', 'RECORDS', 'SIGNED', 'ANCHORED OUTSIDE', 'NOT YET ANCHORED']
  return toTable([...heads, ...(hasStamps ? ['TIME-STAMPED'] : []), ...(hasDropped ? ['DROPPED'] : [])], rows)
}

function number(value: number): string {
  return value.toLocaleString('en')
}
