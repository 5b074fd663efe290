'use client'

import { Button } from '@/components/ui/button'
import { Icon } from '@/components/ui/icon'
import { Menu, MenuItem } from '@/components/ui/menu'

/** A choice among views, behind a button that says the one at hand. */
export function LinkMenu({ words, choices }: { words: string; choices: readonly { words: string; href: string }[] }) {
  return (
    <Menu
      trigger={
        <Button>
          {words}
          <Icon name="down" small />
        </Button>
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
