import { cookies } from 'next/headers'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

export const themeCookie = 'intercept-theme'

/** The theme this browser chose; `system` follows the device and sets no cookie. */
export async function readTheme(): Promise<Theme> {
  const chosen = (await cookies()).get(themeCookie)?.value
  return themes.find(theme => theme === chosen) ?? 'system'
}
