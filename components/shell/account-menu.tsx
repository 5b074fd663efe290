'use client'

import { startTransition } from 'react'
import { Avatar } from '@/components/ui/avatar'
import { Icon } from '@/components/ui/icon'
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuRule } from '@/components/ui/menu'
import { chooseTheme } from './choose-theme'
import type { Theme } from './theme'

const choices = [
  { key: 'system', label: 'As the system', icon: 'screen' },
  { key: 'light', label: 'Light', icon: 'sun' },
  { key: 'dark', label: 'Dark', icon: 'moon' },
] as const

/** Who is signed in, with the theme and the way out. */
export function AccountMenu({
  name,
  email,
  roles,
  theme,
  signOut,
}: {
  name: string
  email?: string
  roles: readonly string[]
  theme: Theme
  signOut: () => Promise<void>
}) {
  const choose = (key: string) => {
    const data = new FormData()
    data.set('theme', key)
    startTransition(() => chooseTheme(data))
  }
  return (
    <Menu
      align="start"
      side="top"
      trigger={
        <button
          type="button"
          className="flex w-full items-center gap-2 rounded-2 p-2 text-left hover:bg-hover data-[state=open]:bg-hover"
        >
          <Avatar name={name} />
          <span className="min-w-0 flex-1 leading-4.5">
            <span className="cut block font-label">{name}</span>
            <span className="cut block text-2xs text-ink-3 first-letter:uppercase">{roles.join(', ')}</span>
          </span>
          <Icon name="up" small className="text-ink-3" />
        </button>
      }
    >
      {email ? <MenuLabel>{email}</MenuLabel> : null}
      <MenuChoice label="Theme" value={theme} choices={choices} onChoose={choose} />
      <MenuRule />
      <MenuItem icon="leave" onSelect={() => startTransition(signOut)}>
        Sign out
      </MenuItem>
    </Menu>
  )
}
