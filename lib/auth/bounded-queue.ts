/** More work waits already than the queue takes. Whoever asked should come again in a moment. */
export class QueueFullError extends Error {
  constructor() {
    super('Too much of this work waits already. Try again in a moment.')
    this.name = 'QueueFullError'
  }
}

/** Runs at most `running` pieces of work at once and lets at most `waiting` more wait, first come first served. */
export function boundedQueue(bounds: { running: number; waiting: number }) {
  let running = 0
  const waiting: (() => void)[] = []

  async function run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (running < bounds.running) running += 1
    else if (waiting.length >= bounds.waiting) throw new QueueFullError()
    // Whoever ends hands its place over, so that `running` never overshoots.
    else await new Promise<void>(resolve => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }

  return { run }
}
