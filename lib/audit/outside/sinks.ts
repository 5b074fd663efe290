import { open } from 'node:fs/promises'
import { request } from 'undici'
import { sha256 } from '../chain'
import { type LockMode, ObjectStore, type ObjectStoreSettings } from '../object-store'
import { type Evidence, nameOf, writeEvidence } from './evidence'

/** A place outside the record where evidence is kept: what an intruder into the database cannot reach. */
export interface EvidenceSink {
  /** For logs and pages; without credentials. */
  readonly name: string
  /** Resolves when it is kept. May be called again with the same one. @throws when it is not kept */
  publish(evidence: Evidence): Promise<void>
}

export interface BucketSettings extends ObjectStoreSettings {
  /** Put before each object's name. */
  readonly prefix: string
  /** Days for which object lock keeps each one; unset, none is asked for. */
  readonly lockDays?: number | undefined
  readonly lockMode?: LockMode | undefined
}

export interface SinkSettings {
  /** Absolute path. */
  readonly file?: string | undefined
  /** An address that takes POSTs, and its bearer. */
  readonly url?: string | undefined
  readonly token?: string | undefined
  readonly bucket?: BucketSettings | undefined
}

const TIMEOUT_MS = 5_000
const DAY_MS = 86_400_000

/** Appends lines to a file, say on a mount that only takes appends; synced, so that a power cut forgets none. */
export function fileSink(file: string): EvidenceSink {
  return {
    name: `file ${file}`,
    async publish(evidence) {
      const handle = await open(file, 'a', 0o644)
      try {
        await handle.write(`${writeEvidence(evidence)}\n`)
        await handle.datasync()
      } finally {
        await handle.close()
      }
    },
  }
}

/**
 * POSTs each as JSON; any 2xx keeps it. `Idempotency-Key` tells a second one of the same, since it may come twice.
 * @param token sent as bearer, when there is one
 */
export function httpsSink(url: string, token: string | undefined): EvidenceSink {
  const { origin, pathname } = new URL(url)
  return {
    name: `endpoint ${origin}${pathname}`,
    async publish(evidence) {
      const text = writeEvidence(evidence)
      const { statusCode, body } = await request(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': evidence.kind === 'checkpoint' ? evidence.checkpoint.signature : sha256(text),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: text,
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      await body.dump()
      if (statusCode < 200 || statusCode > 299) throw new Error(`The endpoint answered ${statusCode}.`)
    },
  }
}

/** One object each, named by proxy, chain and number, so that a listing is in their order. */
export function bucketSink({ prefix, lockDays, lockMode, ...store }: BucketSettings): EvidenceSink {
  const bucket = new ObjectStore(store)
  return {
    name: bucket.name,
    async publish(evidence) {
      const lockedUntil = lockDays === undefined ? undefined : new Date(Date.now() + lockDays * DAY_MS)
      const options = { contentType: 'application/json', lockedUntil, lockMode }
      await bucket.put(`${prefix}${nameOf(evidence)}`, `${writeEvidence(evidence)}\n`, options)
    },
  }
}

/** The places that the settings name. */
export function openSinks({ file, url, token, bucket }: SinkSettings): EvidenceSink[] {
  return [
    ...(file ? [fileSink(file)] : []),
    ...(url ? [httpsSink(url, token)] : []),
    ...(bucket ? [bucketSink(bucket)] : []),
  ]
}
