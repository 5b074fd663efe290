import { notFound } from 'next/navigation'
import { Refusal } from '@/lib/auth/refusal'

/** What a query read, or the page that says there is no such thing. */
export async function orNotFound<Read>(reading: Promise<Read>): Promise<Read> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof Refusal && error.kind === 'not_found') notFound()
    throw error
  }
}
