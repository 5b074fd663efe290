import { QueueFullError } from './bounded-queue'
import { hashPassword } from './password'
import { Refusal } from './refusal'

/** Hashes a password that somebody just chose. @throws Refusal `conflict` when too many wait */
export async function hashNewPassword(password: string): Promise<string> {
  try {
    return await hashPassword(password)
  } catch (error) {
    if (error instanceof QueueFullError) {
      throw new Refusal('conflict', 'Too many people are signing in just now. Try again in a minute.')
    }
    throw error
  }
}
