import { Refusal } from '@/lib/auth/refusal'

/** What a query read, or why it would not, in words for the page: a view too wide, a record that is gone. */
export async function orRefused<Read>(reading: Promise<Read>): Promise<{ read: Read } | { refused: string }> {
  try {
    return { read: await reading }
  } catch (error) {
    if (error instanceof Refusal && error.kind !== 'forbidden') return { refused: error.message }
    throw error
  }
}
