import type { ComponentProps } from 'react'
import { classes } from './classes'
import { Icon } from './icon'

const edge =
  'w-full min-w-0 rounded-2 border border-line-control bg-sheet text-ink disabled:border-line disabled:bg-well disabled:text-ink-off focus-visible:outline-offset-[-1px] aria-invalid:border-bad aria-invalid:shadow-[inset_0_0_0_var(--hair)_var(--bad)]'

/** `large` is the public pages' size; `mono` is for literals of the domain. */
export interface InputLook {
  large?: boolean
  mono?: boolean
}

const shape = ({ large, mono }: InputLook) => classes(large && 'text-md', mono && 'font-mono text-xs')

export function Input({ large = false, mono = false, className, ...rest }: ComponentProps<'input'> & InputLook) {
  return (
    <input
      type="text"
      {...rest}
      className={classes(edge, 'px-2.5', large ? 'h-control-lg' : 'h-control', shape({ large, mono }), className)}
    />
  )
}

export function Textarea({ large = false, mono = false, className, ...rest }: ComponentProps<'textarea'> & InputLook) {
  return (
    <textarea
      rows={3}
      {...rest}
      className={classes(edge, 'resize-y px-2.5 py-2', mono && 'leading-sm', shape({ large, mono }), className)}
    />
  )
}

/** The platform's own select, so that it works by keyboard, by finger and without JavaScript. */
export function Select({
  large = false,
  mono = false,
  className,
  children,
  ...rest
}: ComponentProps<'select'> & InputLook) {
  return (
    <span className={classes('relative inline-flex w-full min-w-0', className)}>
      <select
        {...rest}
        className={classes(
          edge,
          'cursor-pointer appearance-none truncate pr-8 pl-2.5',
          large ? 'h-control-lg' : 'h-control',
          shape({ large, mono }),
        )}
      >
        {children}
      </select>
      <Icon name="down" small className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-ink-2" />
    </span>
  )
}
