import { readFileSync } from 'node:fs'
import { Checkpoint, readPublicKey } from '@/lib/audit/checkpoint'
import { UnreadableExport, verifyExport } from '@/lib/audit/verify/export-file'
import type { VerifyReport } from '@/lib/audit/verify/model'
import { thisActor, toJson } from '../output'
import { BadInput, runAction } from '../policy/bad-input'
import { readLines } from './read-lines'
import { sayReport } from './say-report'

interface Options {
  readonly file?: string
  readonly checkpoints?: string[]
  readonly key?: string[]
  readonly json?: boolean
}

/** `intercept audit verify`: 0 intact, 1 tampered with, 2 what was given cannot be used. */
export async function verify({ file, checkpoints = [], key = [], json }: Options): Promise<void> {
  await runAction(async () => {
    const startedAt = performance.now()
    const keys = key.map(readKey)
    const outside: Checkpoint[] = []
    for (const each of checkpoints) outside.push(...(await readCheckpoints(each)))
    const onProgress = process.stderr.isTTY ? showProgress : undefined
    const options = { outside, keys, ...(onProgress ? { onProgress } : {}) }
    const report = file === undefined ? await verifyLive(options) : await verifyFile(file, options)
    const seconds = (performance.now() - startedAt) / 1000
    process.stdout.write(json ? toJson({ ...report, seconds }) : sayReport(report, seconds))
    return report.isIntact ? 0 : 1
  })
}

type Given = Parameters<typeof verifyExport>[1]

async function verifyFile(file: string, options: Given): Promise<VerifyReport> {
  try {
    return await verifyExport(readLines(file), options)
  } catch (error) {
    if (error instanceof UnreadableExport)
      throw new BadInput(`${file} is no export that can be verified. ${error.message}`)
    throw error
  }
}

async function verifyLive(options: Given): Promise<VerifyReport> {
  const { verifyRecord } = await import('@/lib/audit/verify/live')
  const { closeDatabase } = await import('@/lib/db/current')
  try {
    return await verifyRecord(await thisActor(), options)
  } finally {
    await closeDatabase()
  }
}

function readKey(file: string): string {
  try {
    return readPublicKey(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new BadInput(`${file} holds no Ed25519 public key in PEM: ${error instanceof Error ? error.message : error}`)
  }
}

/** One checkpoint a line. The last line may be torn, since whoever wrote it may have been killed. */
async function readCheckpoints(file: string): Promise<Checkpoint[]> {
  const found: Checkpoint[] = []
  let line = 0
  let unreadable = 0
  for await (const text of readLines(file)) {
    line += 1
    if (text === '') continue
    if (unreadable > 0) throw new BadInput(`Line ${unreadable} of ${file} is no checkpoint.`)
    const checkpoint = Checkpoint.safeParse(parsed(text))
    if (checkpoint.success) found.push(checkpoint.data)
    else unreadable = line
  }
  if (found.length === 0) throw new BadInput(`${file} holds no checkpoint.`)
  return found
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function showProgress(records: number): void {
  if (records % 100_000 === 0) process.stderr.write(`\r${records.toLocaleString('en')} records`)
}
