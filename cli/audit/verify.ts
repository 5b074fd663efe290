import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readPublicKey } from '@/lib/audit/checkpoint'
import { UnreadableExport, verifyExport } from '@/lib/audit/verify/export-file'
import type { VerifyReport } from '@/lib/audit/verify/model'
import { isRecordLine, verifyRecordFile } from '@/lib/audit/verify/record-file'
import { thisActor, toJson } from '../output'
import { BadInput, runAction } from '../policy/bad-input'
import { readLines } from './read-lines'
import { readOutside } from './read-outside'
import { sayReport } from './say-report'

interface Options {
  readonly file?: string
  readonly checkpoints?: string[]
  readonly key?: string[]
  readonly retentionKey?: string[]
  readonly tsaCertificate?: string[]
  readonly json?: boolean
}

/** `intercept audit verify`: 0 intact, 1 tampered with, 2 what was given cannot be used. */
export async function verify(options: Options): Promise<void> {
  const { file, checkpoints = [], json } = options
  await runAction(async () => {
    const startedAt = performance.now()
    const kept = {
      ...(await readOutside(checkpoints)),
      keys: (options.key ?? []).map(readKey),
      retentionKeys: (options.retentionKey ?? []).map(readKey),
      authorities: (options.tsaCertificate ?? []).flatMap(readCertificates),
    }
    const given = process.stderr.isTTY ? { ...kept, onProgress: showProgress } : kept
    const report = file === undefined ? await verifyLive(given) : await verifyFile(file, given)
    const seconds = (performance.now() - startedAt) / 1000
    process.stdout.write(json ? toJson({ ...report, seconds }) : sayReport(report, seconds))
    return report.isIntact ? 0 : 1
  })
}

type Given = Parameters<typeof verifyExport>[1]

async function verifyFile(file: string, options: Given): Promise<VerifyReport> {
  try {
    const lines = readLines(file)
    const first = await lines.next()
    const all = withFirst(first.done ? [] : [first.value], lines)
    return await (!first.done && isRecordLine(first.value)
      ? verifyRecordFile(all, options)
      : verifyExport(all, options))
  } catch (error) {
    if (error instanceof UnreadableExport)
      throw new BadInput(`${file} is no export that can be verified. ${error.message}`)
    throw error
  }
}

async function* withFirst(first: readonly string[], rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield* first
  yield* rest
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

/** Every certificate of a PEM file. */
function readCertificates(file: string): X509Certificate[] {
  try {
    const blocks = readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
    if (!blocks) throw new Error('there is none in it')
    return blocks.map(block => new X509Certificate(block))
  } catch (error) {
    throw new BadInput(`${file} holds no certificate in PEM: ${error instanceof Error ? error.message : error}`)
  }
}

function showProgress(records: number): void {
  if (records % 100_000 === 0) process.stderr.write(`\r${records.toLocaleString('en')} records`)
}
