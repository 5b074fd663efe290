import type { FormAction, FormState } from '@/components/form/form-state'

/**
 * An action that says what it did by itself: what asked for it is often gone from the page once it is done, and could
 * not. For acts behind scripts, such as dialogs.
 */
export function announced<Result>(
  action: FormAction<Result>,
  say: (done: FormState<Result>) => void,
): FormAction<Result> {
  return async (state, data) => {
    const next = await action(state, data)
    if (next.status === 'done') say(next)
    return next
  }
}
