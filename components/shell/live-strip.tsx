'use client'

import { useEffect, useState } from 'react'
import { Strip, type StripAnswer } from './strip'

/** How often the strip asks, in milliseconds. */
const rhythmMs = 15_000
/** After this long without a hand on the page it stops, so that it does not keep a session alive by itself. */
const restMs = 30 * 60_000

/** The strip, kept current while somebody looks. `first` came with the page; `ask` reads again. */
export function LiveStrip({ first, ask }: { first: StripAnswer; ask: () => Promise<StripAnswer> }) {
  const [asked, setAsked] = useState<{ after: StripAnswer; answer: StripAnswer }>()
  useEffect(() => {
    let touchedAt = Date.now()
    let ended = false
    const touch = () => {
      touchedAt = Date.now()
    }
    const timer = setInterval(async () => {
      if (document.hidden || Date.now() - touchedAt > restMs) return
      const answer = await ask().catch((): StripAnswer => ({ state: 'away' }))
      if (!ended) setAsked({ after: first, answer })
    }, rhythmMs)
    addEventListener('pointerdown', touch)
    addEventListener('keydown', touch)
    return () => {
      ended = true
      clearInterval(timer)
      removeEventListener('pointerdown', touch)
      removeEventListener('keydown', touch)
    }
  }, [first, ask])
  // A page that was read anew knows better than what was asked before it.
  return <Strip answer={asked?.after === first ? asked.answer : first} />
}
