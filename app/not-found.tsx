import type { Metadata } from 'next'
import { DeadEnd } from '@/components/shell/dead-end'
import { LinkButton } from '@/components/ui/button'

export const metadata: Metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <DeadEnd
      title="No page at this address"
      acts={
        <>
          <LinkButton href="/overview">Open the console</LinkButton>
          <LinkButton kind="quiet" href="/">
            What Intercept is
          </LinkButton>
        </>
      }
    >
      The address is misspelt, or what it named was removed. Records of past calls stay under Audit.
    </DeadEnd>
  )
}
