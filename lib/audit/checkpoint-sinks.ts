import { open } from 'node:fs/promises'
import { request } from 'undici'
import type { Checkpoint } from './checkpoint'

/** A place outside the record where checkpoints are kept: what an intruder into the database cannot reach. */
export interface CheckpointSink {
  /** For logs; without credentials. */
  readonly name: string
  /** Resolves when it is kept. May be called again with the same one. @throws when it is not kept */
  publish(checkpoint: Checkpoint): Promise<void>
}

const TIMEOUT_MS = 5_000

/** Appends lines to a file, say on a mount that only takes appends; synced, so that a power cut forgets none. */
export function fileSink(file: string): CheckpointSink {
  return {
    name: `file ${file}`,
    async publish(checkpoint) {
      const handle = await open(file, 'a', 0o644)
      try {
        await handle.write(`${JSON.stringify(checkpoint)}\n`)
        await handle.datasync()
      } finally {
        await handle.close()
      }
    },
  }
}

/**
 * POSTs each checkpoint as JSON; any 2xx keeps it. `Idempotency-Key` is its signature, since it may come twice.
 * @param token sent as bearer, when there is one
 */
export function httpsSink(url: string, token: string | undefined): CheckpointSink {
  const { origin, pathname } = new URL(url)
  return {
    name: `endpoint ${origin}${pathname}`,
    async publish(checkpoint) {
      const { statusCode, body } = await request(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': checkpoint.signature,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(checkpoint),
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      await body.dump()
      if (statusCode < 200 || statusCode > 299) throw new Error(`The endpoint answered ${statusCode}.`)
    },
  }
}
