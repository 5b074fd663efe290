'use client'

import { useEffect, useState } from 'react'
import { Button, type ButtonLook } from './button'

/** How long the answer stands on the button, in milliseconds. */
const answerMs = 2_000

/** Puts `text` on the clipboard and says so on the button. Without a clipboard (plain HTTP) it says that, too. */
export function CopyButton({
  text,
  label = 'Copy',
  wordless = false,
  kind,
  size = 'small',
}: { text: string; label?: string; wordless?: boolean } & Pick<ButtonLook, 'kind' | 'size'>) {
  const [answer, setAnswer] = useState<'copied' | 'failed'>()
  useEffect(() => {
    if (!answer) return
    const timer = setTimeout(() => setAnswer(undefined), answerMs)
    return () => clearTimeout(timer)
  }, [answer])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setAnswer('copied')
    } catch {
      setAnswer('failed')
    }
  }
  const word = answer === 'copied' ? 'Copied' : answer === 'failed' ? 'Select and copy by hand' : label
  return (
    <Button
      kind={kind ?? (wordless ? 'quiet' : 'line')}
      size={size}
      square={wordless}
      icon={answer === 'copied' ? 'check' : answer === 'failed' ? 'error' : 'copy'}
      onClick={copy}
      {...(wordless ? { 'aria-label': word, title: word } : {})}
    >
      {wordless ? null : <span aria-live="polite">{word}</span>}
    </Button>
  )
}
