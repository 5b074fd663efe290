import type { RecordFilter } from '../filter/model'
import type { DecisionRow } from '../queries/decisions'
import { matches, type TailedRecord } from './matches'

/** What may wait for one viewer, in bytes; past it the viewer is too slow. */
export const MOST_WAITING_BYTES = 256 * 1024

/** Why a stream ends, in words for the page. */
const endings = {
  slow: 'This browser takes records more slowly than they come. Reload to follow again.',
  'signed-out': 'Your session ended. Sign in to follow again.',
  forbidden: 'Your roles no longer include what this view looks for.',
  stopping: 'The console is stopping. The page follows again by itself.',
} as const
export type Ending = keyof typeof endings

/** One stream of server-sent events: its filter, and what waits for it. */
export class Viewer {
  readonly stream: ReadableStream<Uint8Array>
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null
  readonly #encoder = new TextEncoder()

  constructor(
    readonly sessionId: string,
    readonly filter: RecordFilter,
    private readonly onGone: (viewer: Viewer) => void,
  ) {
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: controller => {
          this.#controller = controller
        },
        cancel: () => this.#leave(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MOST_WAITING_BYTES }),
    )
  }

  /** Those of the records that its filter takes, as one event. */
  show(records: readonly TailedRecord[], upTo: number, isCut: boolean, nowMs = Date.now()): void {
    const rows = records.filter(record => matches(this.filter, record, nowMs)).map(({ row }) => row)
    if (rows.length > 0 || isCut) this.send('records', { rows, isCut } satisfies ShownRecords, upTo)
  }

  send(event: string, data: unknown, id?: number): void {
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  /** A comment, so that nothing between here and the browser takes the stream for dead. */
  beat(): void {
    this.#write(': \n\n')
  }

  end(why: Ending): void {
    this.#enqueue(`event: end\ndata: ${JSON.stringify({ why, words: endings[why] })}\n\n`)
    try {
      this.#controller?.close()
    } catch {
      // Gone already.
    }
    this.#leave()
  }

  #write(text: string): void {
    // One event more than the bound may wait, so that an event of any size reaches a viewer who is quick enough.
    if (this.#controller && (this.#controller.desiredSize ?? 0) <= 0) this.end('slow')
    else this.#enqueue(text)
  }

  #enqueue(text: string): void {
    try {
      this.#controller?.enqueue(this.#encoder.encode(text))
    } catch {
      this.#leave()
    }
  }

  #leave(): void {
    if (this.#controller === null) return
    this.#controller = null
    this.onGone(this)
  }
}

/** The data of an event `records`; times are ISO 8601 once they are text. */
export interface ShownRecords {
  rows: DecisionRow[]
  /** More came at once than is sent. */
  isCut: boolean
}
