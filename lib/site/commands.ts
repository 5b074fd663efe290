import { countAttempt } from '@/lib/auth/attempts'
import { parseInput, Refusal } from '@/lib/auth/refusal'
import { database } from '@/lib/db/current'
import { uuidv7 } from '@/lib/db/uuid'
import { EarlyAccessInput, MessageInput } from './model'

/** How often one source may send a public form. */
const perHour = 10
const hourSeconds = 3_600

/**
 * Puts a request into the early-access queue. One row per address: who asks twice gets the same answer and changes
 * nothing, so the form neither tells who is in the queue nor lets anyone rewrite it. A public write: no actor.
 * `source` is the address that the request came from.
 * @throws Refusal `invalid` per field, `conflict` when the source sent too many
 */
export async function requestEarlyAccess(source: string, input: unknown): Promise<void> {
  const { fax, ...request } = parseInput(EarlyAccessInput, input)
  await countSending('site.early-access', source)
  if (fax) return
  // One statement: no transaction is open while two equal requests meet.
  await database().sql.query(
    `INSERT INTO early_access_requests (id, email, company, stack, note) VALUES ($1::uuid, $2, $3, $4, $5)
     ON CONFLICT (email) DO NOTHING`,
    [uuidv7(), request.email, request.company, request.stack, request.note],
  )
}

/**
 * Keeps a message of *Get in touch*. A public write: no actor.
 * @throws Refusal `invalid` per field, `conflict` when the source sent too many
 */
export async function sendMessage(source: string, input: unknown): Promise<void> {
  const { fax, ...message } = parseInput(MessageInput, input)
  await countSending('site.message', source)
  if (fax) return
  await database().sql.query('INSERT INTO contact_messages (id, email, name, message) VALUES ($1::uuid, $2, $3, $4)', [
    uuidv7(),
    message.email,
    message.name,
    message.message,
  ])
}

async function countSending(purpose: string, source: string): Promise<void> {
  const limit = { purpose, subject: source, max: perHour, windowSeconds: hourSeconds }
  const counted = await countAttempt(database().sql, limit)
  if (counted.allowed) return
  const minutes = Math.ceil(counted.retryAfterSeconds / 60)
  throw new Refusal(
    'conflict',
    `${perHour} forms came from your network within the hour, so this one was not taken. Send it again in ${minutes} min.`,
  )
}
