import { classes } from './classes'
import { type IconName, icons } from './icons'

export type { IconName } from './icons'

/** A drawing on the 16 px grid, in the colour of its text. Silent unless `label` says what it means. */
export function Icon({
  name,
  small = false,
  className,
  label,
}: {
  name: IconName
  small?: boolean
  className?: string
  label?: string
}) {
  return (
    <svg
      viewBox="0 0 16 16"
      className={classes('flex-none fill-none stroke-current', small ? 'size-3.5' : 'size-4', className)}
      strokeWidth={1.5}
      aria-hidden={label === undefined}
      role={label === undefined ? undefined : 'img'}
      aria-label={label}
    >
      {icons[name]}
    </svg>
  )
}
