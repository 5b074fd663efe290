import { classes } from './classes'

export type CategoryWord = 'Read' | 'Write' | 'Execute' | 'Destructive' | 'Financial'

const letters: Record<CategoryWord, string> = { Read: 'r', Write: 'w', Execute: 'x', Destructive: 'd', Financial: 'f' }
const harmful: readonly CategoryWord[] = ['Execute', 'Destructive', 'Financial']

/** A permission letter; filled when the category can do harm. */
export function CategoryLetter({ category, wordless = false }: { category: CategoryWord; wordless?: boolean }) {
  return (
    <span
      className="inline-flex items-center gap-1.5 align-middle text-xs leading-5 whitespace-nowrap text-ink-2"
      title={wordless ? category : undefined}
    >
      <span
        aria-hidden="true"
        className={classes(
          'size-4 flex-none rounded-1 text-center font-mono text-2xs font-label',
          harmful.includes(category) ? 'bg-ink text-on-ink' : 'edge-control text-ink',
        )}
      >
        {letters[category]}
      </span>
      {wordless ? <span className="sr-only">{category}</span> : category}
    </span>
  )
}

/** What an identity may do on a server, like the bits of a file: `r – x – –`. */
export function CategoryBits({ categories }: { categories: readonly CategoryWord[] }) {
  const all = Object.keys(letters) as CategoryWord[]
  return (
    <span className="inline-flex gap-1 font-mono text-xs" title={categories.join(', ') || 'nothing'}>
      <span className="sr-only">{categories.join(', ') || 'nothing'}</span>
      {all.map(category => (
        <span key={category} aria-hidden="true" className={categories.includes(category) ? 'text-ink' : 'text-ink-3'}>
          {categories.includes(category) ? letters[category] : '–'}
        </span>
      ))}
    </span>
  )
}
