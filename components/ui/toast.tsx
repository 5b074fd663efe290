'use client'

import { Toast as Primitive } from 'radix-ui'
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react'
import { Button } from './button'
import { Icon } from './icon'

/** A sentence about what was just done; `act` is its *Undo* or *View*. `bad` waits to be closed. */
export interface ToastInput {
  text: ReactNode
  tone?: 'plain' | 'bad'
  act?: { label: string; run: () => void }
}

interface Held extends ToastInput {
  key: number
}

/** How long a toast can be undone, in milliseconds (LOOK §7). */
const stayMs = 8_000
const most = 3

const Show = createContext<((toast: ToastInput) => void) | undefined>(undefined)

/** Gives `useToast` to everything inside; stands once in the console's layout. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Held[]>([])
  const next = useRef(0)
  const show = useCallback((toast: ToastInput) => {
    next.current += 1
    const held = { ...toast, key: next.current }
    setToasts(all => [...all, held].slice(-most))
  }, [])
  const drop = (key: number) => setToasts(all => all.filter(toast => toast.key !== key))
  return (
    <Show value={show}>
      <Primitive.Provider duration={stayMs} label="What was just done">
        {children}
        {toasts.map(toast => (
          <Primitive.Root
            key={toast.key}
            duration={toast.tone === 'bad' ? Number.POSITIVE_INFINITY : stayMs}
            onOpenChange={open => open || drop(toast.key)}
            className="flex min-h-9.5 max-w-full animate-rise items-center gap-2.5 rounded-2 bg-ink py-1 pr-1.5 pl-3 text-on-ink shadow-float-2"
          >
            {toast.tone === 'bad' ? <Icon name="error" /> : null}
            <Primitive.Description className="min-w-0 wrap-anywhere">{toast.text}</Primitive.Description>
            {toast.act ? (
              <Primitive.Action
                altText={toast.act.label}
                onClick={toast.act.run}
                className="rounded-1 px-2 text-xs font-label underline underline-offset-3"
              >
                {toast.act.label}
              </Primitive.Action>
            ) : null}
            <Primitive.Close asChild>
              <Button
                kind="quiet"
                size="small"
                square
                icon="x"
                aria-label="Close"
                className="text-inherit! hover:bg-transparent [&>svg]:text-inherit!"
              />
            </Primitive.Close>
          </Primitive.Root>
        ))}
        <Primitive.Viewport className="fixed right-4 bottom-[calc(var(--strip)+var(--foot,0px)+1rem)] left-4 z-toast flex flex-col items-start gap-2 outline-none md:left-auto md:items-end" />
      </Primitive.Provider>
    </Show>
  )
}

/** @throws Error outside of `ToastProvider` */
export function useToast(): (toast: ToastInput) => void {
  const show = useContext(Show)
  if (!show) throw new Error('useToast needs a ToastProvider around it')
  return show
}
