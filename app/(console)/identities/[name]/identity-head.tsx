import type { ReactNode } from 'react'
import { Tag } from '@/components/ui/tag'
import { Time } from '@/components/ui/time'
import type { IdentityView } from '@/lib/identity/queries'
import { KindIcon, kindWords } from '../identity-kind'
import { DisableButton } from './disable-button'
import { GrantButton, type ServerChoice } from './grant-button'

/** Who it is, in one line of facts, and the acts on it. */
export function IdentityHead({
  view: { identity, keys, grants },
  choices,
  mayManage,
}: {
  view: IdentityView
  choices: readonly ServerChoice[]
  mayManage: boolean
}) {
  const used = keys.flatMap(key => key.lastUsedAt ?? []).sort((a, b) => b.getTime() - a.getTime())[0]
  const labels = Object.entries(identity.labels)
  const live = <Type extends { state: string }>(all: readonly Type[]) => all.filter(one => one.state === 'live').length
  const isDisabled = identity.disabledAt !== null
  return (
    <div className="flex flex-wrap items-start gap-3 px-4 pt-5 pb-4 md:flex-nowrap md:gap-4 md:px-6 md:pt-6 md:pb-5">
      <span className="grid size-11 flex-none place-items-center rounded-3 border border-line-strong bg-sheet">
        <KindIcon kind={identity.kind} className="size-5.5" />
      </span>
      <div className="min-w-0 flex-1">
        <h1 className="flex flex-wrap items-center gap-x-3 text-xl font-head tracking-head wrap-anywhere">
          {identity.name} <Tag tone={isDisabled ? 'warn' : 'plain'}>{isDisabled ? 'Disabled' : 'Enabled'}</Tag>
        </h1>
        <p className="mt-0.5 flex flex-wrap gap-x-5 gap-y-0.5 text-ink-2">
          <span>{kindWords[identity.kind]}</span>
          {labels.length > 0 ? (
            <span>
              labelled <Fact>{labels.map(([name, value]) => `${name}=${value}`).join(', ')}</Fact>
            </span>
          ) : null}
          <span>
            steward <Fact>{identity.steward ?? 'nobody'}</Fact>
          </span>
          <span>
            {used ? (
              <>
                last call <Time at={used} className="font-label text-ink" />
              </>
            ) : (
              'never called'
            )}
          </span>
        </p>
      </div>
      {mayManage ? (
        <div className="flex w-full flex-none gap-2 md:w-auto max-md:[&>*]:flex-1">
          <DisableButton identity={identity.name} isDisabled={isDisabled} keys={live(keys)} grants={live(grants)} />
          <GrantButton identity={identity.name} choices={choices} isDisabled={isDisabled} />
        </div>
      ) : null}
    </div>
  )
}

function Fact({ children }: { children: ReactNode }) {
  return <b className="font-label text-ink">{children}</b>
}
