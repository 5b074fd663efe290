import { LinkButton } from '@/components/ui/button'
import { Empty } from '@/components/ui/empty'
import { Sheet } from '@/components/ui/sheet'

/** Nothing of this name; the frame around it stays. */
export default function ConsoleNotFound() {
  return (
    <div className="p-4 md:p-6">
      <Sheet>
        <Empty title="Nothing of this name" actions={<LinkButton href="/overview">Open the overview</LinkButton>}>
          <p>
            The address is misspelt, or what it named was removed. What it did stays under Audit, who removed it under
            Changes.
          </p>
        </Empty>
      </Sheet>
    </div>
  )
}
