import { z } from 'zod'

/** The longest texts of the public forms, in characters. */
const longest = { email: 254, company: 120, name: 120, stack: 500, note: 2_000, message: 4_000 } as const

/** Postgres keeps no NUL, and nobody types the other control characters. */
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g

const text = (most: number, tooLong: string) =>
  z
    .string()
    .transform(value => value.replaceAll('\r\n', '\n').replace(controls, '').trim())
    .pipe(z.string().max(most, tooLong))

const needed = (most: number, missing: string, tooLong: string) => text(most, tooLong).pipe(z.string().min(1, missing))

const email = needed(
  longest.email,
  'Write the e-mail address that we answer to.',
  'This address is too long to be one.',
)
  .pipe(z.string().toLowerCase())
  .pipe(z.email('Write the address in full, like you@company.com.'))

/** A field that people do not see. What fills it is not a person. */
const honeypot = z.string().max(2_000).optional().catch('filled')

/** What the early-access form asks for. */
export const EarlyAccessInput = z.object({
  email,
  company: needed(longest.company, 'Name your company or team.', `Keep it under ${longest.company} characters.`),
  stack: needed(
    longest.stack,
    'Say in a few words what you run: servers, agents, calls a day.',
    `Keep it under ${longest.stack} characters; the note has more room.`,
  ),
  note: text(longest.note, `Keep the note under ${longest.note.toLocaleString('en')} characters.`)
    .optional()
    .default(''),
  fax: honeypot,
})
export type EarlyAccessInput = z.infer<typeof EarlyAccessInput>

/** What *Get in touch* asks for. */
export const MessageInput = z.object({
  name: needed(longest.name, 'Write your name, so that we know whom to answer.', 'Keep it under 120 characters.'),
  email,
  message: needed(
    longest.message,
    'Write your question.',
    `Keep it under ${longest.message.toLocaleString('en')} characters.`,
  ),
  fax: honeypot,
})
export type MessageInput = z.infer<typeof MessageInput>
