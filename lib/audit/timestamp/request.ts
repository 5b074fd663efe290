import { randomBytes } from 'node:crypto'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { MessageImprint, TimeStampReq, TimeStampReqVersion, TimeStampResp } from '@peculiar/asn1-tsp'
import { AlgorithmIdentifier } from '@peculiar/asn1-x509'
import { request } from 'undici'
import { type Checkpoint, checkpointDigest } from '../checkpoint'
import type { CheckpointTimestamp } from './model'
import { TimestampProblem, verifyToken } from './token'

const TIMEOUT_MS = 10_000
const MOST_REPLY_BYTES = 64 * 1024
const SHA256 = '2.16.840.1.101.3.4.2.1'
/** granted and grantedWithMods (RFC 3161, 2.4.2). */
const GRANTED = [0, 1]

/**
 * Asks an authority to stamp a checkpoint (RFC 3161 over HTTP), and checks what it answers.
 * @throws TimestampProblem or Error when there is no token that holds
 */
export async function stampCheckpoint(url: string, checkpoint: Checkpoint): Promise<CheckpointTimestamp> {
  const digest = checkpointDigest(checkpoint)
  const imprint = Buffer.from(digest, 'hex')
  // Positive, so that DER adds no byte of its own.
  const nonce = randomBytes(8)
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x40
  const reply = await ask(url, Buffer.from(AsnConvert.serialize(questionOf(imprint, nonce))))
  const token = tokenOf(reply)
  const { time } = verifyToken(token, { imprint, nonce, trusted: [] })
  return { checkpoint: digest, time: time.toISOString(), token: token.toString('base64') }
}

function questionOf(imprint: Buffer, nonce: Buffer): TimeStampReq {
  return new TimeStampReq({
    version: TimeStampReqVersion.v1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithm: SHA256, parameters: null }),
      hashedMessage: new OctetString(imprint),
    }),
    nonce: new Uint8Array(nonce).buffer,
    certReq: true,
  })
}

async function ask(url: string, question: Buffer): Promise<Buffer> {
  const { statusCode, body } = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
    body: question,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MOST_REPLY_BYTES) throw new TimestampProblem('The authority answered with too much.')
    chunks.push(chunk)
  }
  if (statusCode !== 200) throw new TimestampProblem(`The authority answered ${statusCode}.`)
  return Buffer.concat(chunks)
}

function tokenOf(reply: Buffer): Buffer {
  let answer: TimeStampResp
  try {
    answer = AsnConvert.parse(reply, TimeStampResp)
  } catch {
    throw new TimestampProblem('The authority answered with no time-stamp reply.')
  }
  const { status, statusString } = answer.status
  if (!GRANTED.includes(status) || !answer.timeStampToken) {
    const words = statusString ? [...statusString].join(' ') : ''
    throw new TimestampProblem(`The authority refused (status ${status})${words && `: ${words}`}.`)
  }
  return Buffer.from(AsnConvert.serialize(answer.timeStampToken))
}
