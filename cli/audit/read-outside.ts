import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Checkpoint } from '@/lib/audit/checkpoint'
import { readEvidence } from '@/lib/audit/outside/evidence'
import type { RetentionStatement } from '@/lib/audit/retention/statement'
import type { CheckpointTimestamp } from '@/lib/audit/timestamp/model'
import { BadInput } from '../policy/bad-input'
import { readLines } from './read-lines'

export interface Outside {
  readonly outside: Checkpoint[]
  readonly statements: RetentionStatement[]
  readonly stamps: CheckpointTimestamp[]
}

/**
 * Reads what was kept outside: files with one JSON object a line, and folders of such files, as a bucket's copy is.
 * @throws BadInput for a file that holds something else, or none of it
 */
export async function readOutside(paths: readonly string[]): Promise<Outside> {
  const found: Outside = { outside: [], statements: [], stamps: [] }
  for (const each of paths) {
    const before = found.outside.length + found.statements.length + found.stamps.length
    for (const file of filesOf(each)) await readInto(found, file)
    if (found.outside.length + found.statements.length + found.stamps.length === before)
      throw new BadInput(`${each} holds no checkpoint.`)
  }
  return found
}

function filesOf(given: string): string[] {
  const isFolder = given !== '-' && statSync(given, { throwIfNoEntry: false })?.isDirectory()
  if (!isFolder) return [given]
  const entries = readdirSync(given, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
    .sort()
}

/** The last line may be torn, since whoever wrote it may have been killed. */
async function readInto(found: Outside, file: string): Promise<void> {
  let line = 0
  let unreadable = 0
  for await (const text of readLines(file)) {
    line += 1
    if (text === '') continue
    if (unreadable > 0) throw new BadInput(`Line ${unreadable} of ${file} is no checkpoint.`)
    const evidence = readEvidence(text)
    if (evidence === null) unreadable = line
    else if (evidence.kind === 'checkpoint') found.outside.push(evidence.checkpoint)
    else if (evidence.kind === 'statement') found.statements.push(evidence.statement)
    else found.stamps.push(evidence.timestamp)
  }
}
