import { type Analysis, analyse, type Surroundings } from './analysis'

// Parsing YAML and compiling JSON Schemas take milliseconds to seconds, and Ajv compiles with `new Function`, which the
// page's CSP forbids: both belong in a worker.

export interface AnalysisRequest {
  readonly id: number
  readonly text: string
  readonly surroundings: Surroundings
}

export interface AnalysisAnswer {
  readonly id: number
  readonly analysis: Analysis | null
  /** Set when the kernel itself failed, which it promises not to do. */
  readonly failure: string | null
}

self.addEventListener('message', (event: MessageEvent<AnalysisRequest>) => {
  const { id, text, surroundings } = event.data
  const answer: AnalysisAnswer = attempt(id, text, surroundings)
  self.postMessage(answer)
})

function attempt(id: number, text: string, surroundings: Surroundings): AnalysisAnswer {
  try {
    return { id, analysis: analyse(text, surroundings), failure: null }
  } catch (error) {
    return { id, analysis: null, failure: error instanceof Error ? error.message : String(error) }
  }
}
