import type { CSSProperties, ReactNode } from 'react'
import { classes } from './classes'
import styles from './code-block.module.css'
import { paintJson, paintYaml } from './paint'

export type CodeMark = 'hit' | 'changed' | 'added' | 'removed'

export interface CodeLine {
  text: string
  /** The number that stands beside it; none for a line that is not in the file. */
  number?: number | undefined
  mark?: CodeMark | undefined
}

const marks: Record<CodeMark, string | undefined> = {
  hit: styles.hit,
  changed: styles.changed,
  added: styles.added,
  removed: styles.removed,
}

const painters = { yaml: paintYaml, json: paintJson, plain: (text: string): ReactNode => text } as const

/**
 * Text as written, with its real line numbers, since rules are cited by them. Read only; the editor is elsewhere.
 * Give `text` (with `from`, the number of its first line, and `hits`, the cited ones) or `lines`.
 */
export function CodeBlock({
  text,
  lines,
  from = 1,
  hits = [],
  language = 'yaml',
  numbers = true,
  well = false,
  wrap = false,
  label,
  className,
}: {
  text?: string
  lines?: readonly CodeLine[]
  from?: number
  hits?: readonly number[]
  language?: keyof typeof painters
  numbers?: boolean
  /** On the `well` ground: for what is not on a sheet of its own. */
  well?: boolean
  wrap?: boolean
  label?: string
  className?: string
}) {
  const shown: readonly CodeLine[] =
    lines ??
    (text ?? '').split('\n').map((line, index) => ({
      text: line,
      number: from + index,
      ...(hits.includes(from + index) ? { mark: 'hit' as const } : {}),
    }))
  const isDiff = shown.some(line => line.mark === 'added' || line.mark === 'removed')
  const paint = painters[language]
  return (
    <figure
      aria-label={label ?? 'Code'}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className={classes(styles.code, well ? styles.well : styles.sheet, wrap && styles.wrap, className)}
    >
      <ol>
        {shown.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line has no identity but its place
          <li key={index} className={line.mark ? marks[line.mark] : undefined}>
            {numbers ? <span className={styles.number}>{line.number}</span> : null}
            {isDiff ? <Sign mark={line.mark} /> : null}
            <span className={styles.text} style={indentOf(line.text)}>
              {line.text === '' ? '\u00a0' : paint(line.text)}
            </span>
          </li>
        ))}
      </ol>
    </figure>
  )
}

function indentOf(text: string): CSSProperties {
  return { '--indent': `${text.search(/\S|$/)}ch` } as CSSProperties
}

function Sign({ mark }: { mark: CodeMark | undefined }) {
  if (mark === 'added') return <ins className={styles.sign}>+</ins>
  if (mark === 'removed') return <del className={styles.sign}>−</del>
  return <span className={styles.sign}> </span>
}
