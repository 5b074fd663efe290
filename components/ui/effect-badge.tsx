import { classes } from './classes'
import { Icon, type IconName } from './icon'

/** What became of a call, or what a rule says: LOOK §5. */
export type EffectLook = 'allow' | 'limited' | 'approval' | 'deny' | 'hidden' | 'custom' | 'unknown'

const looks: Record<EffectLook, { icon: IconName; word: string; text: string; mark: string; tint: string }> = {
  allow: { icon: 'allow', word: 'Allow', text: 'text-allow-ink', mark: 'text-allow', tint: 'bg-allow-tint' },
  limited: {
    icon: 'limited',
    word: 'Limited',
    text: 'text-limited-ink',
    mark: 'text-limited',
    tint: 'bg-limited-tint',
  },
  approval: {
    icon: 'approval',
    word: 'Approval',
    text: 'text-approval-ink',
    mark: 'text-approval',
    tint: 'bg-approval-tint',
  },
  deny: { icon: 'deny', word: 'Deny', text: 'text-deny-ink', mark: 'text-deny', tint: 'bg-deny-tint' },
  hidden: { icon: 'hidden', word: 'Hidden', text: 'text-ink-2', mark: 'text-ink-3', tint: 'bg-well' },
  custom: { icon: 'custom', word: 'By arguments', text: 'text-ink-2', mark: 'text-ink-3', tint: 'bg-well' },
  unknown: { icon: 'unknown', word: 'Outcome unknown', text: 'text-ink-2', mark: 'text-warn', tint: 'bg-warn-tint' },
}

/**
 * The look of a recorded or written effect: `limited` is `deny` with code `rate_limited` in a record, and `allow`
 * with a limit in a policy.
 */
export function effectLook(
  effect: 'allow' | 'deny' | 'require_approval',
  code?: string | null,
  limited = false,
): EffectLook {
  if (effect === 'require_approval') return 'approval'
  if (effect === 'deny') return code === 'rate_limited' ? 'limited' : 'deny'
  return limited ? 'limited' : 'allow'
}

/** Glyph, word, colour, in this order of weight. In tables without ground; alone on a page with `box`. */
export function EffectBadge({
  effect,
  shadow = false,
  box = false,
  wordless = false,
  className,
}: {
  effect: EffectLook
  /** Recorded, not enforced: a dashed edge. */
  shadow?: boolean
  box?: boolean
  /** The glyph alone where the word stands beside it; still said to a screen reader. */
  wordless?: boolean
  className?: string
}) {
  const look = looks[effect]
  const word = shadow ? `${look.word}, shadow` : look.word
  return (
    <span
      className={classes(
        'inline-flex items-center gap-1.5 align-middle text-xs leading-5 font-strong whitespace-nowrap',
        look.text,
        shadow && 'rounded-1 border border-dashed border-shadow pr-1.5 pl-[5px] leading-4.5',
        box && !shadow && `h-6 rounded-1 pr-2 pl-1.5 ${look.tint}`,
        className,
      )}
    >
      <Icon name={look.icon} className={look.mark} />
      {wordless ? <span className="sr-only">{word}</span> : word}
    </span>
  )
}
