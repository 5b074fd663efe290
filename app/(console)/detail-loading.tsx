import { PageBody, PageHead } from '@/components/shell/page-head'
import { Sheet } from '@/components/ui/sheet'
import { Skeleton, SkeletonRows } from '@/components/ui/skeleton'

/** The shape of one thing's page while it is read; shown after 150 ms, so that a quick answer does not flicker. */
export function DetailLoading() {
  return (
    <div className="animate-[fade_var(--t-2)_var(--ease)_150ms_backwards]">
      <PageHead
        title={
          <span className="flex h-7 items-center">
            <span className="sr-only">Loading</span>
            <Skeleton className="h-4 w-56" />
          </span>
        }
        facts={<Skeleton className="mt-1.5 w-72" />}
      />
      <PageBody>
        <Sheet>
          <SkeletonRows rows={8} />
        </Sheet>
      </PageBody>
    </div>
  )
}
