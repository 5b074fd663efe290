import { canonicalRecord, sha256 } from '../chain'
import type { FileOptions } from './export-file'
import { withBeside } from './kept-outside'
import type { LinkInput, VerifyReport } from './model'
import { RecordVerifier } from './verifier'

/** The end of a line that `intercept run` writes: the record's place in its chain. */
const PLACE = /,"chain":"([0-9a-f-]{36})","sequence":([0-9]{1,16}),"hash":"([0-9a-f]{64})"\}$/

/** Whether a line, the first of its file, is one of the record that `intercept run` keeps, and not of an export. */
export function isRecordLine(line: string): boolean {
  return PLACE.test(line)
}

/**
 * Verifies the record that `intercept run` keeps (docs/decisions/run-alone.md): a chain a process, which nobody signs. So
 * it tells what was changed, taken out or put in between, and not what is gone from the end or was written anew as a whole.
 */
export async function verifyRecordFile(lines: AsyncIterable<string>, options: FileOptions): Promise<VerifyReport> {
  const verifier = new RecordVerifier({
    ...withBeside(options, { inside: [], statements: [], stamps: [] }),
    scope: 'whole',
    slices: [],
  })
  const torn: number[] = []
  let line = 0
  for await (const text of lines) {
    line += 1
    if (line % 10_000 === 0) options.onProgress?.(line)
    if (text === '') continue
    const link = linkOf(text)
    if (link) verifier.add(link)
    else torn.push(line)
  }
  const report = verifier.finish()
  return { ...report, notes: [...report.notes, UNSIGNED, ...(torn.length > 0 ? [sayTorn(torn)] : [])] }
}

const UNSIGNED =
  'Nobody signs the record of `intercept run`: that its end was cut off, or the whole written anew, cannot be seen in it.'

/** What a run that was killed left of a line is none of the chain; where one of the chain is broken, it is missing there. */
function sayTorn(torn: readonly number[]): string {
  const [first] = torn
  const more = torn.length > 1 ? ` and ${torn.length - 1} more` : ''
  return `Line ${first}${more} cannot be read as a record: a run was killed while it wrote, or somebody wrote there.`
}

function linkOf(text: string): LinkInput | null {
  const place = PLACE.exec(text)
  if (!place) return null
  const record = `${text.slice(0, place.index)}}`
  try {
    const canonical = canonicalRecord(record)
    const { decision_id: decision } = JSON.parse(record) as { decision_id?: unknown }
    const [, chain = '', sequence, hash = ''] = place
    const kind = typeof decision === 'string' ? 'outcome' : 'decision'
    return { chain, sequence: Number(sequence), kind, hash, digest: sha256(canonical), record: canonical }
  } catch {
    return null
  }
}
