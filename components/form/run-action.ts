import { unstable_rethrow } from 'next/navigation'
import type { Refusal } from '@/lib/auth/refusal'
import { type FormState, keepTyped } from './form-state'

const isRefusal = (error: unknown): error is Refusal => error instanceof Error && error.name === 'Refusal'

/**
 * Runs a command for a form and turns its refusal into field errors; the page keeps what was typed. A fault of ours
 * is written to the server's error output and answered in a sentence; redirects pass through.
 */
export async function runAction<Result>(data: FormData, run: () => Promise<Result>): Promise<FormState<Result>> {
  try {
    return { status: 'done', errors: {}, values: {}, result: await run() }
  } catch (error) {
    unstable_rethrow(error)
    const values = keepTyped(data)
    if (!isRefusal(error)) {
      console.error(error)
      return {
        status: 'refused',
        message: 'Nothing was saved: the console met a fault of its own, written in its log. Try again.',
        errors: {},
        values,
      }
    }
    const errors: Record<string, string> = {}
    for (const { path, message } of error.issues) if (path) errors[path.split('.')[0] ?? path] ??= message
    return { status: 'refused', message: error.message, errors, values }
  }
}
