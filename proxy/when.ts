/** A value that may be known already. */
export type Soon<Value> = Value | Promise<Value>

/**
 * Goes on with a value: at once where it is known, which on the way of a call it nearly always is. Each `await` is a
 * suspended function, a promise and a turn of the queue, and a call had fourteen.
 */
export function when<Value, Result>(value: Soon<Value>, next: (value: Value) => Soon<Result>): Soon<Result> {
  return value instanceof Promise ? value.then(next) : next(value)
}
