'use client'

import { useCallback, useEffect, useRef } from 'react'
import { CodeBlock } from '@/components/ui/code-block'
import { useCitedLine } from '../../use-cited-line'

/** The text of a revision; a record cites its lines as `#L12`, which is marked and brought into view. */
export function RevisionText({ text, number, line }: { text: string; number: number; line: number | null }) {
  const place = useRef<HTMLDivElement>(null)
  const cited = useCitedLine(
    line,
    useCallback(() => undefined, []),
  )
  useEffect(() => {
    if (cited) place.current?.querySelectorAll('li')[cited.line - 1]?.scrollIntoView({ block: 'center' })
  }, [cited])
  return (
    <div ref={place}>
      <CodeBlock text={text} hits={cited ? [cited.line] : []} label={`Text of r${number}`} />
    </div>
  )
}
