import { Health } from '@/components/ui/health'
import { Cell } from '@/components/ui/sheet'
import { Time } from '@/components/ui/time'
import type { VerificationView } from '@/lib/audit/queries'

/** The last verification of the live record, in a sentence. */
export function Verification({ verification }: { verification: VerificationView | null }) {
  return (
    <Cell span={6} title="Last verification" note="of the live record">
      {verification ? (
        <Result {...verification} />
      ) : (
        <p className="text-ink-2">
          Nobody has verified it yet. <code className="literal">intercept audit verify</code> does, here or from a
          scheduler.
        </p>
      )}
    </Cell>
  )
}

function Result({ isIntact, at, by, records, counts }: VerificationView) {
  const found = Object.entries(counts).map(
    ([kind, count]) => `${count.toLocaleString('en')} ${kind.replaceAll('_', ' ')}`,
  )
  return (
    <>
      <p className="flex items-center gap-2">
        <Health state={isIntact ? 'ok' : 'bad'} />
        {isIntact ? (
          <span>
            Nothing was found wrong in <b className="font-head">{records.toLocaleString('en')}</b> records.
          </span>
        ) : (
          <span className="font-head text-bad-ink">
            Tampered with: {found.join(', ')}, in {records.toLocaleString('en')} records.
          </span>
        )}
      </p>
      <p className="mt-1 text-xs text-ink-3">
        <Time at={at} /> by {by}
      </p>
    </>
  )
}
