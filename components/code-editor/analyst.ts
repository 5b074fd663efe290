import type { Analysis, Surroundings } from './analysis'
import type { AnalysisAnswer, AnalysisRequest } from './analysis.worker'

/** How long typing must rest before a text is read. */
const REST_MS = 120
/** A text that takes longer than this is given up and its worker ended: typing must never wait for a text long gone. */
const LONGEST_MS = 10_000

export interface Analyst {
  /** Asks for a text to be read; of several asked quickly only the last is. */
  read(text: string): void
  stop(): void
}

/**
 * Reads texts in a worker, one at a time, the newest next.
 * @param onAnswer gets the analysis with the text it speaks of; null when the worker cannot run or gave up
 */
export function startAnalyst(
  surroundings: Surroundings,
  onAnswer: (text: string, analysis: Analysis | null) => void,
): Analyst {
  let worker: Worker | null = null
  let underWay: { id: number; text: string; deadline: ReturnType<typeof setTimeout> } | null = null
  let waiting: string | null = null
  let rest: ReturnType<typeof setTimeout> | undefined
  let lastId = 0

  const settle = (analysis: Analysis | null) => {
    if (!underWay) return
    clearTimeout(underWay.deadline)
    const { text } = underWay
    underWay = null
    onAnswer(text, analysis)
    if (waiting !== null) send()
  }
  const giveUp = () => {
    worker?.terminate()
    worker = null
    settle(null)
  }
  const start = (): Worker => {
    const started = new Worker(new URL('./analysis.worker.ts', import.meta.url), { type: 'module' })
    started.addEventListener('message', (event: MessageEvent<AnalysisAnswer>) => {
      if (event.data.id === underWay?.id) settle(event.data.analysis)
    })
    started.addEventListener('error', giveUp)
    return started
  }
  const send = () => {
    if (waiting === null || underWay) return
    const text = waiting
    waiting = null
    lastId += 1
    underWay = { id: lastId, text, deadline: setTimeout(giveUp, LONGEST_MS) }
    try {
      worker ??= start()
      worker.postMessage({ id: lastId, text, surroundings } satisfies AnalysisRequest)
    } catch {
      giveUp()
    }
  }
  try {
    // Loaded ahead, so that the first keystroke is answered as quickly as the others.
    worker = start()
  } catch {
    worker = null
  }
  return {
    read(text) {
      waiting = text
      clearTimeout(rest)
      rest = setTimeout(send, REST_MS)
    },
    stop() {
      clearTimeout(rest)
      if (underWay) clearTimeout(underWay.deadline)
      underWay = null
      worker?.terminate()
    },
  }
}
