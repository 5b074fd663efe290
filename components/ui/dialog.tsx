'use client'

import { Dialog as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { Button } from './button'
import { classes } from './classes'

const widths = { narrow: 'w-[27.5rem]', wide: 'w-[45rem]' } as const

/**
 * A question in front of the page. Open it with `trigger`, or hold `open` yourself.
 * `locked` keeps it open on Escape and on a press outside: for a secret that is shown once.
 */
export function Dialog({
  trigger,
  open,
  onOpenChange,
  title,
  description,
  width = 'narrow',
  locked = false,
  children,
  footer,
}: {
  trigger?: ReactNode
  open?: boolean
  onOpenChange?: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  width?: keyof typeof widths
  locked?: boolean
  children?: ReactNode
  /** Acts, the safe one first. */
  footer?: ReactNode
}) {
  const hold = locked ? (event: Event) => event.preventDefault() : undefined
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      {trigger ? <Primitive.Trigger asChild>{trigger}</Primitive.Trigger> : null}
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-dialog grid animate-fade grid-cols-[minmax(0,1fr)] place-items-center overflow-y-auto bg-scrim p-4">
          <Primitive.Content
            onEscapeKeyDown={hold}
            onPointerDownOutside={hold}
            onInteractOutside={hold}
            {...(description ? {} : { 'aria-describedby': undefined })}
            className={classes('max-w-full animate-rise rounded-3 bg-overlay shadow-float-3', widths[width])}
          >
            <div className="p-5">
              <Primitive.Title className="mb-1.5 text-md font-head wrap-anywhere">{title}</Primitive.Title>
              {description ? <Primitive.Description className="text-ink-2">{description}</Primitive.Description> : null}
              {children}
            </div>
            {footer ? (
              <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</footer>
            ) : null}
          </Primitive.Content>
        </Primitive.Overlay>
      </Primitive.Portal>
    </Primitive.Root>
  )
}

/** A button that closes the dialog around it. */
export function DialogClose({ children = 'Cancel', asChild = false }: { children?: ReactNode; asChild?: boolean }) {
  return <Primitive.Close asChild>{asChild ? children : <Button>{children}</Button>}</Primitive.Close>
}
