'use client'

import { Menu, MenuItem } from '@/components/ui/menu'

/** A word of a chip that can be changed: each choice is the view with it. */
export function OperatorMenu({
  words,
  choices,
}: {
  words: string
  choices: readonly { words: string; href: string }[]
}) {
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className="cursor-pointer -outline-offset-1 hover:text-ink hover:underline">
          {words}
        </button>
      }
    >
      {choices.map(choice => (
        <MenuItem key={choice.href} href={choice.href} {...(choice.words === words ? { icon: 'check' as const } : {})}>
          {choice.words}
        </MenuItem>
      ))}
    </Menu>
  )
}
