'use client'

import { DeadEnd } from '@/components/shell/dead-end'
import { Button, LinkButton } from '@/components/ui/button'

export default function ErrorPage({ error, retry }: { error: Error & { digest?: string }; retry: () => void }) {
  return (
    <DeadEnd
      title="This page did not load"
      acts={
        <>
          <Button onClick={retry}>Try now</Button>
          <LinkButton kind="quiet" href="/overview">
            Open the overview
          </LinkButton>
        </>
      }
    >
      <p>
        The console met a fault, or its database does not answer. Proxies go on with what is in force and keep their
        records on disk.
      </p>
      {error.digest ? (
        <p className="mt-2 text-xs text-ink-3">
          The console’s log has it under <span className="font-mono">{error.digest}</span>.
        </p>
      ) : null}
    </DeadEnd>
  )
}
