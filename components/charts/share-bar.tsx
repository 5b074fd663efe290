/** A whole in parts, in order; the words and numbers stand under it. */
export function ShareBar({
  parts,
  label,
}: {
  parts: readonly { key: string; count: number; className: string }[]
  /** The text alternative. */
  label: string
}) {
  return (
    <div role="img" aria-label={label} className="my-2 mb-3 flex h-2.5 gap-0.5">
      {parts
        .filter(part => part.count > 0)
        .map(part => (
          // A part must be seen, however small.
          <span
            key={part.key}
            className={`min-w-0.5 rounded-[var(--hair)] ${part.className}`}
            style={{ flexGrow: part.count }}
          />
        ))}
    </div>
  )
}
