import { isJsonObject, type JsonObject } from '@/lib/policy'
import type { Forwarded } from '../asked'
import type { CallOutcome } from '../decision-writer'
import { errorMessage, frameOf, type RequestId } from './messages'
import type { Reply } from './pending'

const UPSTREAM_FAILED = -32_000

/** What goes to the client for a reply, as JSON on one line; null when a cancelled request needs no answer. */
export function replyText(id: RequestId, reply: Reply): string | null {
  if (reply.kind === 'response') return reply.text
  if (reply.isCancelled) return null
  const { status, message } = reply.failure
  return frameOf(errorMessage(id, { code: UPSTREAM_FAILED, message, ...(status === null ? {} : { data: { status } }) }))
}

/** What became of a forwarded call, for the record and for its limits. */
export function forwardedOf(id: RequestId, reply: Reply): Forwarded<string | null> {
  const answer = replyText(id, reply)
  if (reply.kind === 'failure') {
    const { wasSent, status, message } = reply.failure
    const kind = wasSent ? 'unknown' : 'not_sent'
    return { answer, outcome: { kind, status, error: message }, isRefundable: !wasSent }
  }
  const { result, error } = reply.message.body
  const resultBytes = Buffer.byteLength(reply.text)
  if (isJsonObject(error)) return { answer, outcome: { ...errorOutcome(error), resultBytes }, isRefundable: true }
  const isError = isJsonObject(result) && result.isError === true
  return { answer, outcome: { kind: 'result', isError, resultBytes }, isRefundable: false }
}

function errorOutcome({ code, message }: JsonObject): CallOutcome {
  const status = typeof code === 'number' && Number.isInteger(code) && Math.abs(code) < 2 ** 31 ? code : null
  return { kind: 'error', status, error: typeof message === 'string' ? message : 'The server gave no message.' }
}
