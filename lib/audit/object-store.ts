import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AwsV4Signer } from 'aws4fetch'
import { type Dispatcher, request } from 'undici'

/** Where objects are kept: anything that speaks S3's REST interface with Signature Version 4. */
export interface ObjectStoreSettings {
  /** `https://host[:port]`; the bucket is put behind it as the first part of the path. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined
  /** What connects, say only to addresses that were checked. */
  readonly dispatcher?: Dispatcher | undefined
}

export interface PutOptions {
  readonly contentType: string
  /** Object lock: until then nobody may change or remove it. The bucket must allow locks. */
  readonly lockedUntil?: Date | undefined
  readonly lockMode?: LockMode | undefined
}

/** `GOVERNANCE` yields to a special right, `COMPLIANCE` to nobody. */
export type LockMode = 'GOVERNANCE' | 'COMPLIANCE'

/** The bucket did not take an object; the message says which, why and what to do. */
export class ObjectStoreError extends Error {
  constructor(
    message: string,
    /** HTTP status; null when there was no answer. */
    readonly status: number | null,
    /** S3's own code, as `NoSuchBucket`. */
    readonly code: string | null,
  ) {
    super(message)
  }
}

const ATTEMPT_MS = 10_000
const ATTEMPTS = 3
const FIRST_PAUSE_MS = 200
const MOST_ERROR_BYTES = 16 * 1024

/** A bucket. Puts may be repeated with the same key: the newest one stands. */
export class ObjectStore {
  /** For logs and pages; without credentials. */
  readonly name: string
  readonly #keys = new Map<string, ArrayBuffer>()
  readonly #base: string

  /** @throws Error when the endpoint is no address */
  constructor(private readonly settings: ObjectStoreSettings) {
    const { origin, pathname } = new URL(settings.endpoint)
    this.#base = `${origin}${pathname.replace(/\/+$/, '')}/${encoded(settings.bucket)}`
    this.name = `bucket ${settings.bucket} at ${new URL(settings.endpoint).host}`
  }

  /**
   * Keeps an object; resolves when the bucket has it. An answer that may change (429, 5xx, none) is tried again, three times
   * in all, ten seconds each.
   * @param key parts parted by `/`
   * @throws ObjectStoreError
   */
  async put(key: string, body: string | Uint8Array, options: PutOptions): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#putOnce(key, Buffer.from(body), options)
        return
      } catch (error) {
        if (attempt >= ATTEMPTS || !mayPass(error)) throw error
        await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1))
      }
    }
  }

  async #putOnce(key: string, body: Buffer, options: PutOptions): Promise<void> {
    const url = `${this.#base}/${key.split('/').map(encoded).join('/')}`
    const headers = await this.#signed(url, body, options)
    let answer: Awaited<ReturnType<typeof request>>
    try {
      const { dispatcher } = this.settings
      const signal = AbortSignal.timeout(ATTEMPT_MS)
      answer = await request(url, { method: 'PUT', headers, body, signal, ...(dispatcher ? { dispatcher } : {}) })
    } catch (error) {
      const { code, message, name } = error as NodeJS.ErrnoException
      const why = name === 'TimeoutError' ? `no answer within ${ATTEMPT_MS / 1000} s` : (code ?? message)
      throw new ObjectStoreError(`The ${this.name} cannot be reached: ${why}.`, null, null)
    }
    const { statusCode } = answer
    if (statusCode >= 200 && statusCode <= 299) {
      await answer.body.dump()
      return
    }
    throw refusalOf(this.name, key, statusCode, await readBounded(answer.body))
  }

  /** Headers with the signature, which covers the body's digest. */
  async #signed(url: string, body: Buffer, { contentType, lockedUntil, lockMode }: PutOptions) {
    const { accessKeyId, secretAccessKey, sessionToken, region } = this.settings
    const signer = new AwsV4Signer({
      method: 'PUT',
      url,
      headers: {
        'content-type': contentType,
        // A bucket with locks takes no object without a digest in this form (S3, PutObject).
        'content-md5': createHash('md5').update(body).digest('base64'),
        'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
        ...(lockedUntil && {
          'x-amz-object-lock-mode': lockMode ?? 'COMPLIANCE',
          'x-amz-object-lock-retain-until-date': lockedUntil.toISOString(),
        }),
      },
      accessKeyId,
      secretAccessKey,
      ...(sessionToken ? { sessionToken } : {}),
      region,
      service: 's3',
      // Each day's derived key, so that an object costs one signature and not five.
      cache: this.#keys,
    })
    const { headers } = await signer.sign()
    if (this.#keys.size > 8) this.#keys.clear()
    return Object.fromEntries(headers)
  }
}

/** By RFC 3986, as the signature has it: some servers sign the path as it came. */
function encoded(part: string): string {
  return encodeURIComponent(part).replace(/[!'()*]/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof ObjectStoreError)) return false
  return error.status === null || error.status === 429 || error.status >= 500
}

const ADVICE: Readonly<Record<string, string>> = {
  NoSuchBucket: 'Make the bucket, or correct its name.',
  SignatureDoesNotMatch: 'The secret key does not belong to the access key, or the region is another one.',
  InvalidAccessKeyId: 'The access key is not known there.',
  ExpiredToken: 'The temporary credentials have expired; give new ones.',
  AccessDenied: 'Allow the key to put objects (s3:PutObject; for locks s3:PutObjectRetention too).',
  RequestTimeTooSkewed: 'Set the clock of this host: signatures hold for a few minutes only.',
  AuthorizationHeaderMalformed: 'The region is another one.',
  InvalidRequest: 'For object locks the bucket must have been made with them.',
}

function refusalOf(name: string, key: string, status: number, text: string): ObjectStoreError {
  const code = /<Code>([A-Za-z.]{1,80})<\/Code>/.exec(text)?.[1] ?? null
  const said = /<Message>([^<]{1,300})<\/Message>/.exec(text)?.[1] ?? null
  const why = [code, said && `(${said.replace(/\.$/, '')})`].filter(Boolean).join(' ')
  const advice = (code && ADVICE[code]) ?? ''
  const message = `The ${name} answered ${status}${why ? ` ${why}` : ''} for ${key}. ${advice}`.trim()
  return new ObjectStoreError(message, status, code)
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= MOST_ERROR_BYTES) break
    }
  } catch {
    // The status alone says enough.
  }
  return Buffer.concat(chunks).toString('utf8')
}
