import { Cell, Cells, Sheet } from '@/components/ui/sheet'
import { Skeleton } from '@/components/ui/skeleton'

/** The sheet's shape, after 150 ms. */
export default function OverviewLoading() {
  return (
    <div
      role="status"
      aria-busy="true"
      aria-label="Loading"
      className="animate-[fade_var(--t-2)_var(--ease)_150ms_backwards] px-4 py-6 md:px-6"
    >
      <Skeleton className="mt-2 mb-3 h-4 w-3/5" />
      <Skeleton className="mb-8 h-4 w-2/5" />
      <Sheet>
        <Cells>
          <Cell title={<Skeleton className="w-32" />}>
            <div className="h-61 rounded-2 bg-well" />
          </Cell>
          {[8, 4, 4, 4, 4].map((span, index) => (
            <Cell key={`${span}-${'abcde'[index]}`} span={span as 4 | 8} title={<Skeleton className="w-24" />}>
              <div className="flex flex-col gap-5 py-2">
                <Skeleton className="w-full" />
                <Skeleton className="w-4/5" />
                <Skeleton className="w-3/5" />
              </div>
            </Cell>
          ))}
        </Cells>
      </Sheet>
    </div>
  )
}
