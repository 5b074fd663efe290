'use client'

import Link from 'next/link'
import { DropdownMenu as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { classes } from './classes'
import { Icon, type IconName } from './icon'
import { Kbd } from './kbd'

const item =
  'flex min-h-7.5 w-full cursor-pointer items-center gap-2 rounded-1 px-2 py-1 text-left outline-none select-none data-highlighted:bg-selected data-disabled:cursor-not-allowed data-disabled:text-ink-off coarse:min-h-10'

/** Acts on one thing, behind a button. */
export function Menu({
  trigger,
  align = 'end',
  side,
  children,
}: {
  trigger: ReactNode
  align?: 'start' | 'center' | 'end'
  side?: 'top' | 'bottom'
  children: ReactNode
}) {
  return (
    <Primitive.Root modal={false}>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          loop
          className="z-menu max-h-(--radix-dropdown-menu-content-available-height) min-w-48 max-w-80 animate-fade overflow-y-auto rounded-2 bg-overlay p-1 shadow-float-2"
        >
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}

/** One act: an `href` goes somewhere, `onSelect` does something. Keys are written beside the acts. */
export function MenuItem({
  icon,
  href,
  onSelect,
  shortcut,
  tone = 'plain',
  disabled = false,
  children,
}: {
  icon?: IconName
  href?: string
  onSelect?: (event: Event) => void
  shortcut?: string
  tone?: 'plain' | 'stop'
  disabled?: boolean
  children: ReactNode
}) {
  const inside = (
    <>
      {icon ? <Icon name={icon} className={tone === 'stop' ? 'text-deny' : 'text-ink-2'} /> : null}
      <span className="cut flex-1">{children}</span>
      {shortcut ? <Kbd>{shortcut}</Kbd> : null}
    </>
  )
  const look = classes(item, tone === 'stop' && 'text-deny-ink')
  return (
    <Primitive.Item asChild={Boolean(href)} onSelect={onSelect} disabled={disabled} className={href ? undefined : look}>
      {href ? (
        <Link href={href} className={look}>
          {inside}
        </Link>
      ) : (
        inside
      )}
    </Primitive.Item>
  )
}

/** One of a few that excludes the others. */
export function MenuChoice({
  label,
  value,
  choices,
  onChoose,
}: {
  label: string
  value: string
  choices: readonly { key: string; label: ReactNode; icon?: IconName }[]
  onChoose: (key: string) => void
}) {
  return (
    <>
      <MenuLabel>{label}</MenuLabel>
      <Primitive.RadioGroup value={value} onValueChange={onChoose}>
        {choices.map(choice => (
          <Primitive.RadioItem key={choice.key} value={choice.key} className={item}>
            {choice.icon ? <Icon name={choice.icon} className="text-ink-2" /> : null}
            <span className="cut flex-1">{choice.label}</span>
            <Primitive.ItemIndicator>
              <Icon name="check" small className="text-accent-ink" />
            </Primitive.ItemIndicator>
          </Primitive.RadioItem>
        ))}
      </Primitive.RadioGroup>
    </>
  )
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Primitive.Label className="px-2 pt-2 pb-1 text-2xs font-label text-ink-3">{children}</Primitive.Label>
}

export function MenuRule() {
  return <Primitive.Separator className="-mx-1 my-1 h-px bg-line" />
}
