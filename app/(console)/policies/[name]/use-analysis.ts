'use client'

import { useEffect, useRef, useState } from 'react'
import type { Analysis, Surroundings } from '@/components/code-editor/analysis'
import { type Analyst, startAnalyst } from '@/components/code-editor/analyst'

/**
 * What the kernel says of the text, read in a worker as it is typed.
 * `isCurrent` is false while the newest text is being read; `isOff` is set when this browser cannot read it;
 * `treatments` are of the last text without errors, so that the page does not empty itself at each keystroke.
 */
export function useAnalysis(text: string, surroundings: Surroundings, first: Analysis) {
  const [answer, setAnswer] = useState({ text, analysis: first, treatments: first.treatments, isOff: false })
  const analyst = useRef<Analyst | null>(null)
  const initial = useRef({ text, surroundings })

  useEffect(() => {
    const started = startAnalyst(initial.current.surroundings, (read, analysis) => {
      setAnswer(before => ({
        text: read,
        analysis: analysis ?? before.analysis,
        treatments: analysis?.treatments ?? before.treatments,
        isOff: analysis === null,
      }))
    })
    analyst.current = started
    return () => started.stop()
  }, [])
  useEffect(() => {
    if (text !== initial.current.text) {
      initial.current.text = ''
      analyst.current?.read(text)
    }
  }, [text])

  const { analysis, treatments } = answer
  return { analysis, treatments, isCurrent: answer.text === text && !answer.isOff, isOff: answer.isOff }
}
