import type { TestLine } from '@/components/code-editor/analysis'
import { classes } from '@/components/ui/classes'
import { EffectBadge, effectLook } from '@/components/ui/effect-badge'
import { Icon } from '@/components/ui/icon'
import { RuleCite } from '@/components/ui/rule-cite'
import { Band, Sheet } from '@/components/ui/sheet'

/** The tests that the text carries, run by the kernel as it is typed. */
export function TestsSheet({ tests, className }: { tests: readonly TestLine[]; className?: string }) {
  const failing = tests.filter(test => !test.hasPassed).length
  return (
    <Sheet className={className ?? ''}>
      <Band title="Tests">
        <span
          className={classes('inline-flex items-center gap-1.5 text-xs', failing > 0 ? 'text-bad-ink' : 'text-ok-ink')}
        >
          <Icon name={failing > 0 ? 'error' : 'check'} small />
          {failing > 0 ? `${failing} of ${tests.length} fail` : `${tests.length} of ${tests.length} pass`}
        </span>
        <span className="text-xs text-ink-3">run as you type</span>
      </Band>
      <ul>
        {tests.map(test => (
          <li
            key={`${test.line}-${test.name}`}
            className="grid min-h-row grid-cols-[1rem_minmax(0,1fr)_auto_auto] items-center gap-x-2 border-t border-line px-4 py-1.5 first:border-t-0"
          >
            <Icon
              name={test.hasPassed ? 'check' : 'error'}
              className={test.hasPassed ? 'text-ok' : 'text-bad'}
              label={test.hasPassed ? 'Passes' : 'Fails'}
            />
            <span className="min-w-0">
              {test.name}
              {test.failure ? <span className="block text-xs text-bad-ink">{test.failure}</span> : null}
            </span>
            <EffectBadge effect={effectLook(test.expected)} />
            <RuleCite href={`#L${test.line}`}>L{test.line}</RuleCite>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}
