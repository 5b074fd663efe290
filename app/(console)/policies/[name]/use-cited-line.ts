'use client'

import { useEffect, useState } from 'react'

const ANCHOR = /^#L(\d+)$/

/**
 * The line that the address cites (`#L33`), and the one that a chip on the page asks for: a link to `#L33` is answered
 * here rather than by the browser, since the text has no such anchor.
 */
export function useCitedLine(first: number | null, onCite: () => void): { line: number } | null {
  const [cited, setCited] = useState<{ line: number } | null>(first === null ? null : { line: first })
  useEffect(() => {
    const cite = (hash: string): boolean => {
      const line = Number(ANCHOR.exec(hash)?.[1] ?? 0)
      if (line > 0) {
        setCited({ line })
        onCite()
      }
      return line > 0
    }
    const fromAddress = () => cite(location.hash)
    const fromChip = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a') : null
      if (!link || link.pathname !== location.pathname || event.metaKey || event.ctrlKey) return
      if (!cite(link.hash)) return
      event.preventDefault()
      history.replaceState(history.state, '', link.hash)
    }
    fromAddress()
    addEventListener('hashchange', fromAddress)
    document.addEventListener('click', fromChip, true)
    return () => {
      removeEventListener('hashchange', fromAddress)
      document.removeEventListener('click', fromChip, true)
    }
  }, [onCite])
  return cited
}
