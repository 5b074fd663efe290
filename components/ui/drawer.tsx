'use client'

import { Dialog as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { Button } from './button'

/** A page-high sheet from the right, for a narrow window: the menu, a panel. */
export function Drawer({
  trigger,
  open,
  onOpenChange,
  title,
  children,
}: {
  trigger?: ReactNode
  open?: boolean
  onOpenChange?: (open: boolean) => void
  title: string
  children: ReactNode
}) {
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      {trigger ? <Primitive.Trigger asChild>{trigger}</Primitive.Trigger> : null}
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-dialog animate-fade bg-scrim" />
        <Primitive.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 right-0 z-dialog flex w-80 max-w-[85vw] animate-fade flex-col overflow-y-auto bg-paper shadow-float-3"
        >
          <div className="flex h-bar flex-none items-center justify-between border-b border-line pr-2 pl-4">
            <Primitive.Title className="text-sm font-head">{title}</Primitive.Title>
            <Primitive.Close asChild>
              <Button kind="quiet" square icon="x" aria-label="Close" />
            </Primitive.Close>
          </div>
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
