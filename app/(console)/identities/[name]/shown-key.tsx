'use client'

import { useState } from 'react'
import { SnippetList } from '@/components/connect/snippet-list'
import { Button } from '@/components/ui/button'
import { Checkbox } from '@/components/ui/checkbox'
import { CopyButton } from '@/components/ui/copy-button'
import { Dialog } from '@/components/ui/dialog'
import { Label } from '@/components/ui/field'
import { Select } from '@/components/ui/input'

/** The one time that a key is seen, with what to paste into each client. Closes only when it was stored. */
export function ShownKey({
  identity,
  issued,
  servers,
  proxyUrl,
  onStored,
}: {
  identity: string
  issued: string
  servers: readonly string[]
  proxyUrl: string
  onStored: () => void
}) {
  const [isStored, setStored] = useState(false)
  const [slug, setSlug] = useState(servers[0])
  return (
    <Dialog
      open
      locked
      width="wide"
      title={`Key for ${identity}`}
      description="Copy it now. Only a hash is kept, so it cannot be shown again."
      footer={
        <Button kind="ink" disabled={!isStored} onClick={onStored}>
          Done
        </Button>
      }
    >
      <div className="my-3 flex items-center gap-2 rounded-2 border border-line bg-well py-1.5 pr-1.5 pl-3">
        <output aria-label="Key" className="min-w-0 flex-1 font-mono text-xs wrap-anywhere">
          {issued}
        </output>
        <CopyButton text={issued} />
      </div>
      <Checkbox checked={isStored} onChange={event => setStored(event.target.checked)} className="text-ink-2">
        I have stored it
      </Checkbox>
      {slug === undefined ? (
        <p className="mt-4 text-xs text-ink-2">
          It has no grant yet, so nothing can be called with it. Grant it tools next.
        </p>
      ) : (
        <section className="mt-4 rounded-2 border border-line" aria-label="Connect an agent">
          {servers.length > 1 ? (
            <div className="flex items-center gap-3 border-b border-line px-4 py-2.5">
              <Label htmlFor="snippet-server">Server</Label>
              <Select
                id="snippet-server"
                value={slug}
                onChange={event => setSlug(event.target.value)}
                className="max-w-60"
              >
                {servers.map(server => (
                  <option key={server}>{server}</option>
                ))}
              </Select>
            </div>
          ) : null}
          <SnippetList connection={{ slug, proxyUrl, key: issued }} />
        </section>
      )}
    </Dialog>
  )
}
