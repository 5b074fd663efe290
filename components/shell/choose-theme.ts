'use server'

import { cookies } from 'next/headers'
import { themeCookie, themes } from './theme'

const yearSeconds = 365 * 24 * 60 * 60

/** Keeps the theme for this browser; `system` forgets the choice. Anything else is ignored. */
export async function chooseTheme(data: FormData): Promise<void> {
  const theme = themes.find(each => each === data.get('theme'))
  const jar = await cookies()
  if (theme === 'system') jar.delete(themeCookie)
  else if (theme) jar.set(themeCookie, theme, { maxAge: yearSeconds, sameSite: 'lax', httpOnly: true, path: '/' })
}
