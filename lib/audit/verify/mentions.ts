import { checkpointDigest, type SeenCheckpoint } from '../checkpoint'
import type { Anchors } from './anchors'
import type { ChainWalk } from './chain-walk'
import type { Findings } from './findings'
import type { Retention } from './retention'

/**
 * What a checkpoint names must be there: checkpoints of other proxies with the records they cover, and the newest statement of
 * retention. So the whole chain of one proxy cannot be dropped while another one's checkpoints stand.
 */
export function reportMentions(
  walks: ReadonlyMap<string, ChainWalk>,
  anchors: Anchors,
  retention: Retention,
  findings: Findings,
): void {
  const digests = new Set(anchors.known.map(({ checkpoint }) => checkpointDigest(checkpoint)))
  const reported = new Set<string>()
  const lost = new Map<string, { seen: SeenCheckpoint; by: string; time: string }>()
  for (const { checkpoint } of anchors.known) {
    for (const seen of checkpoint.seen ?? [])
      if (!digests.has(seen.digest) && (lost.get(seen.chain)?.seen.sequence ?? 0) < seen.sequence)
        lost.set(seen.chain, { seen, by: checkpoint.proxy, time: checkpoint.time })
    const { statement } = checkpoint
    if (!statement || retention.digests.has(statement) || reported.has(statement)) continue
    reported.add(statement)
    const message = `The statement of retention that ${checkpoint.proxy} saw by ${checkpoint.time} is gone.`
    findings.add({ kind: 'missing_statement', chain: null, sequence: null, decision: null, message })
  }
  for (const { seen, by, time } of lost.values()) {
    const { chain, sequence, proxy } = seen
    const walk = walks.get(chain)
    const place = { chain, decision: null }
    const saw = `${by} saw by ${time} that ${proxy} had signed ${sequence} records of chain ${chain}`
    const end = walk ? retention.endOf(chain, walk.last) : 0
    if (end >= sequence) {
      // Retention removes checkpoints of what it dropped.
      if (retention.uncovered(chain, { from: 1, to: sequence }).length === 0) continue
      const message = `${saw}; that checkpoint is gone, the records are there.`
      findings.add({ ...place, kind: 'missing_checkpoint', sequence, message })
      continue
    }
    const missing = retention.uncovered(chain, { from: end + 1, to: sequence })
    const [first] = missing
    if (!first) continue
    const count = missing.reduce((sum, { from, to }) => sum + to - from + 1, 0)
    const message = `${saw}; ${walk ? `the record ends at ${end}` : 'nothing is left of it'}.`
    if (!findings.hasWithin(chain, end, sequence))
      findings.add({ ...place, kind: walk ? 'truncated' : 'dropped_chain', sequence: first.from, message }, count)
  }
}
