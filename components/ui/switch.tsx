import type { ComponentProps, ReactNode } from 'react'
import { classes } from './classes'

/** For what takes hold at once; for what is sent with a form, use a checkbox. */
export function Switch({
  children,
  className,
  ...rest
}: Omit<ComponentProps<'input'>, 'type' | 'role'> & { children?: ReactNode }) {
  return (
    <label className={classes('inline-flex min-h-6 cursor-pointer items-center gap-2', className)}>
      <span className="relative inline-block h-4.5 w-7.5 flex-none">
        <input
          type="checkbox"
          // biome-ignore lint/a11y/useAriaPropsForRole: a checkbox says itself whether it is checked
          role="switch"
          {...rest}
          className="peer block h-4.5 w-7.5 cursor-pointer appearance-none rounded-full edge-control bg-sheet transition-colors checked:bg-accent checked:shadow-none"
        />
        <span className="pointer-events-none absolute top-[3px] left-[3px] size-3 rounded-full bg-ink-3 transition-[translate] peer-checked:translate-x-3 peer-checked:bg-on-accent" />
      </span>
      {children}
    </label>
  )
}
