import Link from 'next/link'
import type { ComponentProps } from 'react'
import { classes } from './classes'

/** A link in text: blue, underlined inside a paragraph so that it does not lean on colour alone. */
export function TextLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link
      {...rest}
      className={classes(
        'text-accent-ink underline-offset-3 hover:underline [p_&]:underline [p_&]:decoration-1 [li_p_&]:underline',
        className,
      )}
    />
  )
}
