'use client'

import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/empty'
import { Sheet } from '@/components/ui/sheet'

/** A page of the console that did not load; the frame around it stays. */
export default function ConsoleError({ error, retry }: { error: Error & { digest?: string }; retry: () => void }) {
  return (
    <div className="p-4 md:p-6">
      <Sheet>
        <ErrorNote title="This page did not load" actions={<Button onClick={retry}>Try now</Button>}>
          The console met a fault, or its database does not answer. Proxies go on with what is in force and keep their
          records on disk.
          {error.digest ? (
            <p className="mt-2 text-xs text-ink-3">
              The console’s log has it under <span className="font-mono">{error.digest}</span>.
            </p>
          ) : null}
        </ErrorNote>
      </Sheet>
    </div>
  )
}
