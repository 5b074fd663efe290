import { Icon } from '@/components/ui/icon'

/** Stands where a value would: it was masked before it was stored, or the reader may not see it. */
export function LockedChip({ word, why }: { word: string; why: string }) {
  return (
    <span
      title={why}
      className="inline-flex items-center gap-1 rounded-1 bg-sheet px-[5px] align-middle font-sans text-2xs font-label whitespace-nowrap text-ink-2 edge-strong"
    >
      <Icon name="lock" className="size-[11px]" />
      {word}
    </span>
  )
}
