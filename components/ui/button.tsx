import Link from 'next/link'
import type { ComponentProps, ReactNode } from 'react'
import { classes } from './classes'
import { Icon, type IconName } from './icon'

/** `act` changes what proxies enforce: one a view. `ink` is the next best act. `stop` destroys, `stop-now` confirms it. */
export type ButtonKind = 'act' | 'ink' | 'line' | 'quiet' | 'stop' | 'stop-now'
export type ButtonSize = 'small' | 'medium' | 'large'

const kinds: Record<ButtonKind, string> = {
  act: 'border-transparent bg-accent font-strong text-on-accent hover:bg-accent-hover [&>svg]:text-inherit',
  ink: 'border-transparent bg-ink text-on-ink hover:bg-ink-2 [&>svg]:text-inherit',
  line: 'border-line-strong bg-sheet text-ink hover:border-line-control hover:bg-hover [&>svg]:text-ink-2',
  quiet: 'border-transparent text-ink-2 hover:bg-hover hover:text-ink [&>svg]:text-ink-2',
  stop: 'border-deny bg-sheet text-deny-ink hover:bg-deny-tint [&>svg]:text-deny',
  'stop-now': 'border-transparent bg-deny text-on-accent hover:bg-deny-ink [&>svg]:text-inherit',
}

const sizes: Record<ButtonSize, string> = {
  small: 'h-6.5 px-[9px] text-xs coarse:h-8',
  medium: 'h-control px-3',
  large: 'h-control-lg px-4 text-md',
}

const squares: Record<ButtonSize, string> = { small: 'w-6.5 coarse:w-8', medium: 'w-control', large: 'w-control-lg' }

export interface ButtonLook {
  kind?: ButtonKind
  size?: ButtonSize
  icon?: IconName
  /** As wide as high, for an icon alone; then `aria-label` says the act. */
  square?: boolean
}

/** The look of a button, for what must be a summary, a label or a primitive's own trigger. */
export function buttonClass(
  { kind = 'line', size = 'medium', square = false }: ButtonLook,
  className?: string,
): string {
  return classes(
    'inline-flex flex-none items-center justify-center gap-[7px] rounded-2 border font-label whitespace-nowrap align-middle no-underline transition-colors select-none',
    'disabled:cursor-not-allowed disabled:border-line disabled:bg-well disabled:text-ink-off disabled:[&>svg]:text-ink-off',
    square ? '[&>svg]:m-0' : '[&>svg:first-child]:-ml-0.5',
    kinds[kind],
    square ? classes(sizes[size].replace(/px-\S+/, 'px-0'), squares[size]) : sizes[size],
    className,
  )
}

type ButtonProps = ComponentProps<'button'> &
  ButtonLook & {
    /** The act is under way: the button keeps its width, turns a ring and takes no second press. */
    pending?: boolean
    children?: ReactNode
  }

export function Button({ kind, size, icon, square, pending = false, className, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={pending || undefined}
      aria-disabled={pending || rest['aria-disabled']}
      onClick={pending ? event => event.preventDefault() : rest.onClick}
      className={buttonClass({ kind, size, square }, className)}
    >
      {pending ? <Ring /> : icon ? <Icon name={icon} small={size === 'small'} /> : null}
      {children}
    </button>
  )
}

/** A link that looks like an act: it goes somewhere, so it is an anchor. */
export function LinkButton({
  kind,
  size,
  icon,
  square,
  className,
  children,
  ...rest
}: ComponentProps<typeof Link> & ButtonLook) {
  return (
    <Link {...rest} className={buttonClass({ kind, size, square }, className)}>
      {icon ? <Icon name={icon} small={size === 'small'} /> : null}
      {children}
    </Link>
  )
}

function Ring() {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      className="size-3.5 animate-turn fill-none stroke-current"
      strokeWidth={2}
    >
      <path d="M14 8a6 6 0 1 1-6-6" />
    </svg>
  )
}
