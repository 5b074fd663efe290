import type { SinkEvent } from '../event'

/** Cuts events into parts of at most `bytes`, in their order; one that is larger alone is a part of its own. */
export function partsOf(events: readonly SinkEvent[], bytes: number): SinkEvent[][] {
  const parts: SinkEvent[][] = []
  let part: SinkEvent[] = []
  let size = 0
  for (const event of events) {
    const length = Buffer.byteLength(event.text) + 1
    if (part.length > 0 && size + length > bytes) {
      parts.push(part)
      part = []
      size = 0
    }
    part.push(event)
    size += length
  }
  return part.length > 0 ? [...parts, part] : parts
}
