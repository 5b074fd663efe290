'use client'

import { useEffect, useState } from 'react'
import { Strip, type StripAnswer } from './strip'

/** How often the strip asks, in milliseconds. */
const rhythmMs = 15_000

/**
 * The strip, kept current while its tab is seen. `first` came with the page; `ask` reads again and is no use of the
 * session, so that an open page does not keep one alive.
 */
export function LiveStrip({ first, ask }: { first: StripAnswer; ask: () => Promise<StripAnswer> }) {
  const [asked, setAsked] = useState<{ after: StripAnswer; answer: StripAnswer }>()
  useEffect(() => {
    let ended = false
    const timer = setInterval(async () => {
      if (document.hidden) return
      const answer = await ask().catch((): StripAnswer => ({ state: 'away' }))
      if (!ended) setAsked({ after: first, answer })
    }, rhythmMs)
    return () => {
      ended = true
      clearInterval(timer)
    }
  }, [first, ask])
  // A page that was read anew knows better than what was asked before it.
  return <Strip answer={asked?.after === first ? asked.answer : first} />
}
