import type { ComponentProps, ReactNode } from 'react'
import { classes } from './classes'

/** A native checkbox with its words; the words are part of what can be pressed. */
export function Checkbox({
  children,
  className,
  ...rest
}: Omit<ComponentProps<'input'>, 'type'> & { children?: ReactNode }) {
  return (
    <label className={classes('inline-flex min-h-6 cursor-pointer items-center gap-2', className)}>
      <span className="relative inline-grid size-4 flex-none place-items-center">
        <input
          type="checkbox"
          {...rest}
          className="peer size-4 cursor-pointer appearance-none rounded-1 border border-line-control bg-sheet checked:border-accent checked:bg-accent disabled:cursor-not-allowed disabled:border-line disabled:bg-well"
        />
        <svg
          viewBox="0 0 16 16"
          aria-hidden="true"
          strokeWidth={1.5}
          className="pointer-events-none invisible absolute size-3.5 fill-none stroke-on-accent peer-checked:visible"
        >
          <path d="m3 8.5 3.2 3.2L13 5" />
        </svg>
      </span>
      {children}
    </label>
  )
}
