import { Agent, request } from 'undici'
import { checkedLookup, checkUpstreamUrl } from '@/lib/catalogue/addresses'
import { SinkError } from './open-sink'

const CONNECT_MS = 5_000
/** A receiver that takes a batch and says nothing must not hold the sink for ever. */
export const ANSWER_MS = 15_000
const MOST_ANSWER_BYTES = 16 * 1024
const LONGEST_ASKED_MS = 3_600_000

/** Connects only where the settings allow it: the address that was checked is the one connected to. */
export function guardedAgent(allowPrivate: boolean): Agent {
  return new Agent({
    connections: 2,
    connect: { timeout: CONNECT_MS, lookup: checkedLookup(allowPrivate) },
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
  })
}

/** One POST, one attempt. Redirects are not followed. @returns the answer's text @throws SinkError unless 2xx */
export async function post(
  agent: Agent,
  { url, allowPrivate }: { url: string; allowPrivate: boolean },
  headers: Record<string, string>,
  body: string | Uint8Array,
  signal: AbortSignal,
): Promise<string> {
  const { host, pathname } = checkUpstreamUrl(url, allowPrivate)
  let status: number
  let retryAfter: string | undefined
  let text: string
  try {
    const answer = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'user-agent': 'intercept', ...headers },
      body: Buffer.from(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    })
    status = answer.statusCode
    retryAfter = String(answer.headers['retry-after'] ?? '')
    text = await readBounded(answer.body)
  } catch (error) {
    const { code, message, name } = error as NodeJS.ErrnoException
    const why = name === 'TimeoutError' ? `no answer within ${ANSWER_MS / 1000} s` : (code ?? message)
    throw new SinkError(`${host} cannot be reached: ${code === undefined ? message || why : why}.`)
  }
  if (status >= 200 && status <= 299) return text
  throw new SinkError(`${host}${pathname} answered ${status}${adviceOn(status)}.`, {
    retryAfterMs: readRetryAfter(retryAfter, Date.now()),
    isTooLarge: status === 413,
  })
}

function adviceOn(status: number): string {
  if (status === 401 || status === 403) return ': the credentials are not taken; set them again'
  if (status === 404 || status === 405) return ': correct the address'
  if (status >= 300 && status <= 399) return ', a redirect, which is not followed: give the address that it leads to'
  return ''
}

/** RFC 9110 §10.2.3: seconds, or a date. @returns ms, an hour at most; null when there is none */
export function readRetryAfter(value: string | undefined, nowMs: number): number | null {
  if (!value) return null
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, LONGEST_ASKED_MS) : null
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= MOST_ANSWER_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8')
}
