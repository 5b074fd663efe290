import { CategoryLetter, type CategoryWord } from '@/components/ui/category-letter'
import { type RiskLevel, RiskMeter } from '@/components/ui/risk-meter'
import { SectionTitle } from './section'

const rows: readonly { category: CategoryWord; risk: RiskLevel; means: string }[] = [
  { category: 'Read', risk: 'low', means: 'looks something up and leaves it as it was' },
  { category: 'Write', risk: 'medium', means: 'makes or changes something that can be changed back' },
  { category: 'Execute', risk: 'high', means: 'runs code, a workflow or another agent' },
  { category: 'Destructive', risk: 'critical', means: 'deletes or overwrites for good' },
  { category: 'Financial', risk: 'critical', means: 'moves money or spends it' },
]

/** What the letters and the meters of the console mean. */
export function Categories() {
  return (
    <section className="grid items-center gap-8 pt-16 md:grid-cols-[minmax(0,1fr)_minmax(0,1.25fr)] md:gap-16 md:pt-24">
      <div>
        <SectionTitle lead="Definitions are read from the running server, never typed in, and pinned when you approve them. One that changes afterwards is refused until somebody compares it.">
          Every tool, rated by what it can do
        </SectionTitle>
      </div>
      <ul className="border-t border-line-strong">
        {rows.map(row => (
          <li
            key={row.category}
            className="grid min-h-13 grid-cols-[minmax(0,1fr)_5rem] items-center gap-x-4 border-b border-line py-2 md:grid-cols-[7rem_minmax(0,1fr)_5rem]"
          >
            <CategoryLetter category={row.category} />
            <span className="row-start-2 text-ink-2 md:row-start-auto">{row.means}</span>
            <RiskMeter risk={row.risk} />
          </li>
        ))}
      </ul>
    </section>
  )
}
