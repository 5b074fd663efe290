import { z } from 'zod'
import { refuseField } from './refusal'

/** An e-mail address in the one form that it is stored and looked up in. */
export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, 'An e-mail address has at most 254 characters.')
  .pipe(z.email('Write an e-mail address, say ada@example.com.'))

export const MemberName = z
  .string()
  .trim()
  .min(1, 'Write your name, as colleagues should read it in change records.')
  .max(100, 'A name has at most 100 characters.')
  .regex(/^[^\p{Cc}\p{Cf}]*$/u, 'A name holds no control characters.')

/** What the form says under the field, and what `NewPassword` and `refuseWeakPassword` hold people to. */
export const PASSWORD_RULES =
  'At least 12 characters, of which 6 differ; not your name or e-mail address. A few random words do well.'

export const PASSWORD_MAX = 200

export const NewPassword = z
  .string()
  .min(12, 'Use at least 12 characters.')
  .max(PASSWORD_MAX, `Use at most ${PASSWORD_MAX} characters.`)
  .refine(password => new Set(password).size >= 6, 'Use at least 6 different characters.')

/** @throws Refusal `invalid` beside `password` when the password is built on the member's own name or address */
export function refuseWeakPassword(password: string, member: { name: string; email: string }): void {
  const plain = password.toLowerCase()
  const [mailbox = ''] = member.email.split('@')
  const words = [member.email, mailbox, ...member.name.toLowerCase().split(/\s+/)].filter(word => word.length >= 4)
  const rest = words.reduce((text, word) => text.replaceAll(word, ''), plain)
  // What is left without the name must still be a password worth having.
  if (rest.length < 8) throw refuseField('password', 'Do not build the password on your name or e-mail address.')
}
