import { PageBody, PageHead } from '@/components/shell/page-head'
import { Sheet } from '@/components/ui/sheet'
import { Skeleton, SkeletonRows } from '@/components/ui/skeleton'

/** The shape of a page under Servers while it is read. */
export default function Loading() {
  return (
    <>
      <PageHead title="Servers" facts={<Skeleton className="my-1.5 w-64" />} />
      <PageBody>
        <Sheet>
          <SkeletonRows rows={6} />
        </Sheet>
      </PageBody>
    </>
  )
}
