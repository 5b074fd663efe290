import { writeChange } from '@/lib/audit/changes'
import { authorise } from '@/lib/auth/command'
import type { Actor } from '@/lib/auth/model'
import { database } from '@/lib/db/current'
import { readAllCheckpoints, readChains } from '../export/chains'
import { readStamps, readStatements } from '../export/kept'
import { readLinks, readUnlinked } from '../export/links'
import { inSnapshot, type Snapshot } from '../export/snapshot'
import { type KeptOutside, withBeside } from './kept-outside'
import { chainStarts, isLate } from './late'
import type { VerifyReport } from './model'
import { RecordVerifier } from './verifier'

export interface LiveOptions extends KeptOutside {
  /** Called now and then with the number of records read. */
  readonly onProgress?: (records: number) => void
}

/** Verifies the record as it stands in Postgres, whole. @throws Refusal */
export async function verifyRecord(actor: Actor, options: LiveOptions): Promise<VerifyReport> {
  authorise(actor, 'record.export')
  for await (const report of inSnapshot(snapshot => verifyIn(snapshot, options))) {
    await noteVerification(actor, report)
    return report
  }
  throw new Error('the snapshot gave no report')
}

/** So that the console can say when the record was last verified, and with what result. */
async function noteVerification(actor: Actor, { isIntact, records, counts }: VerifyReport): Promise<void> {
  const after = { isIntact, records, counts: { ...counts } }
  await database().prisma.$transaction(tx =>
    writeChange(tx, actor, {
      action: 'record.verify',
      entity: 'record',
      entityId: 'record',
      label: 'as a whole',
      after,
    }),
  )
}

async function* verifyIn(snapshot: Snapshot, { onProgress, ...kept }: LiveOptions): AsyncGenerator<VerifyReport> {
  const beside = {
    inside: await readAllCheckpoints(snapshot),
    statements: await readStatements(snapshot),
    stamps: await readStamps(snapshot),
  }
  const parts = await readChains(snapshot, { since: null, until: null }, beside.statements)
  const verifier = new RecordVerifier({ ...withBeside(kept, beside), scope: 'whole', slices: [] })
  let records = 0
  for (const part of parts) {
    for await (const links of readLinks(snapshot, part, null))
      for (const link of links) {
        verifier.add(link)
        if (++records % 10_000 === 0) onProgress?.(records)
      }
  }
  const began = chainStarts(parts)
  const everything = { text: 'true', parameters: [] }
  for await (const { record } of readUnlinked(snapshot, everything)) verifier.addUnlinked(record, isLate(record, began))
  yield verifier.finish()
}
