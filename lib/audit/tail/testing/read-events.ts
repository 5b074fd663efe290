/** One server-sent event. */
export interface TailEvent {
  readonly event: string
  readonly id: string | null
  readonly data: { rows?: { id: string; tool: string | null }[]; why?: string }
}

/** Reads a stream as a browser would: `events` grows as they come; `done` is when the stream has ended. */
export function readEvents(stream: ReadableStream<Uint8Array>) {
  const events: TailEvent[] = []
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let text = ''
  const done = (async () => {
    for (;;) {
      const { done: isOver, value } = await reader.read()
      if (isOver) return
      text += decoder.decode(value, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      events.push(...blocks.filter(block => block.includes('event: ')).map(eventOf))
    }
  })()
  return { events, done, cancel: () => reader.cancel() }
}

function eventOf(block: string): TailEvent {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null
  return { event: field('event') ?? '', id: field('id'), data: JSON.parse(field('data') ?? '{}') }
}

/** Tools of all rows that came. */
export function toolsOf(events: readonly TailEvent[]): (string | null)[] {
  return events.flatMap(({ data }) => data.rows?.map(row => row.tool) ?? [])
}
