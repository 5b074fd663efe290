import { Note } from '@/components/ui/note'

/** What of an address could not be read. */
export function FilterProblems({ problems }: { problems: readonly string[] }) {
  if (problems.length === 0) return null
  return (
    <div className="px-4 pb-3 md:px-6">
      <Note tone="warn" role="status">
        {problems.slice(0, 5).map(problem => (
          <p key={problem}>{problem}</p>
        ))}
      </Note>
    </div>
  )
}
