import { chooseTheme } from '@/components/shell/choose-theme'
import type { Theme } from '@/components/shell/theme'
import { Button } from '@/components/ui/button'

const choices = [
  { theme: 'system', label: 'As the system', icon: 'screen' },
  { theme: 'light', label: 'Light', icon: 'sun' },
  { theme: 'dark', label: 'Dark', icon: 'moon' },
] as const

/** Chooses the theme; works without scripts. */
export function ThemeForm({ theme }: { theme: Theme }) {
  return (
    <form action={chooseTheme} className="flex flex-wrap gap-2">
      {choices.map(choice => (
        <Button
          key={choice.theme}
          type="submit"
          name="theme"
          value={choice.theme}
          icon={choice.icon}
          aria-pressed={choice.theme === theme}
          className="aria-pressed:border-line-control aria-pressed:bg-selected"
        >
          {choice.label}
        </Button>
      ))}
    </form>
  )
}
