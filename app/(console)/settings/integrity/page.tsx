import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { LiveRefresh } from '@/components/data-table/live-refresh'
import { PageBody, PageHead } from '@/components/shell/page-head'
import { Note } from '@/components/ui/note'
import { Band, Cell, Cells, Sheet } from '@/components/ui/sheet'
import { type IntegrityView, readIntegrity, readQuarantine, readRetention } from '@/lib/audit/queries'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { SettingsTabs } from '../settings-tabs'
import { CheckpointTable, NarrowCheckpoints } from './checkpoint-table'
import { Keys } from './keys'
import { QuarantineList } from './quarantine-list'
import { Retention } from './retention'
import { Verification } from './verification'
import { VerifyCommands } from './verify-commands'

export const metadata: Metadata = { title: 'Integrity' }

/** How often the page reads itself anew, in milliseconds. */
const EVERY_MS = 10_000

export default async function IntegrityPage() {
  const actor = await currentActor()
  if (!can(actor, 'record.export')) notFound()
  const [integrity, retention, quarantine] = await Promise.all([
    readIntegrity(actor),
    readRetention(actor),
    readQuarantine(actor),
  ])
  const { proxies } = integrity
  return (
    <>
      <LiveRefresh everyMs={EVERY_MS} />
      <PageHead title="Settings" facts={factsOf(integrity)} />
      <SettingsTabs value="integrity" mayReadSite={can(actor, 'site.read')} />
      <PageBody>
        <div className="flex flex-col gap-4">
          {proxies.some(isOnlyInside) ? (
            <Note tone="warn">
              Checkpoints are kept beside the record alone, where who can write to the database can remove them. Set{' '}
              <code className="literal">AUDIT_CHECKPOINT_FILE</code>, an address or a bucket for the proxy; see{' '}
              <code className="literal">.env.example</code>.
            </Note>
          ) : null}
          <Sheet>
            <Band title="Checkpoints">
              <span className="text-xs text-ink-3">where each proxy signed that its record stands</span>
            </Band>
            <div className="max-md:hidden">
              <CheckpointTable proxies={proxies} />
            </div>
            <NarrowCheckpoints proxies={proxies} />
          </Sheet>
          <Sheet>
            <Cells>
              <Verification verification={integrity.verification} />
              <Keys proxies={proxies} changes={integrity.keyChanges} />
              <Retention {...retention} />
              <Cell title="Verify it yourself" note="without trusting this console or its database">
                <VerifyCommands hasStatements={retention.statements.length > 0} hasStamps={proxies.some(hasStamps)} />
              </Cell>
            </Cells>
          </Sheet>
          <Sheet>
            <Band title="Quarantine">
              <span className="text-xs text-ink-3">
                records that Postgres refused, kept whole in their place in the chain
              </span>
            </Band>
            <QuarantineList {...quarantine} />
          </Sheet>
        </div>
      </PageBody>
    </>
  )
}

const isOnlyInside = ({ sinks, state }: IntegrityView['proxies'][number]) => state === 'running' && sinks?.length === 0
const hasStamps = ({ stamps }: IntegrityView['proxies'][number]) => stamps !== null

/** What there is to say first. */
function factsOf({ proxies }: IntegrityView): string {
  const signing = proxies.filter(({ checkpoint }) => checkpoint !== null)
  if (signing.length === 0)
    return 'No proxy has signed a checkpoint yet. The first one follows on the first call, within half a minute.'
  const failing = proxies.filter(({ sinks }) => sinks?.some(({ problem }) => problem !== null))
  const waiting = proxies.flatMap(({ sinks }) => sinks ?? []).reduce((sum, each) => sum + each.waiting, 0)
  const who = signing.length === 1 ? '1 proxy signs its record' : `${signing.length} proxies sign their records`
  if (failing.length > 0) return `${who}; a place outside fails at ${failing.map(({ name }) => name).join(', ')}`
  return waiting > 0 ? `${who}; ${waiting.toLocaleString('en')} checkpoints wait to be kept outside` : who
}
