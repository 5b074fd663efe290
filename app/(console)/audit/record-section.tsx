import { categoryOf, riskOf } from '@/components/data-table/effect-looks'
import { PanelSection } from '@/components/data-table/split'
import { CategoryLetter } from '@/components/ui/category-letter'
import { KeyValue } from '@/components/ui/key-value'
import { RiskMeter } from '@/components/ui/risk-meter'
import { TextLink } from '@/components/ui/text-link'
import type { DecisionDetail } from '@/lib/audit/queries'

/** Where the record came from and what it is bound to. */
export function RecordSection({ decision }: { decision: DecisionDetail }) {
  const { session, clientName, clientVersion, keyPrefix, identity, definitionDigest, argumentDigest } = decision
  const client = [clientName, clientVersion].filter(Boolean).join(' ')
  return (
    <PanelSection title="Record">
      <KeyValue
        items={[
          ['Id', <Literal key="id" text={decision.id} />],
          ['Time', <Literal key="time" text={decision.time.toISOString()} />],
          [
            'Server',
            <TextLink key="server" href={`/servers/${encodeURIComponent(decision.server)}`}>
              {decision.server}
            </TextLink>,
          ],
          [
            'Identity',
            identity ? (
              <TextLink key="identity" href={`/identities/${encodeURIComponent(identity)}`}>
                {identity}
              </TextLink>
            ) : (
              'unknown'
            ),
          ],
          ['Key', keyPrefix ? <Literal key="key" text={keyPrefix} /> : undefined],
          ['Session', session ? <SessionLink key="session" session={session} /> : undefined],
          ['Client', client || undefined],
          ['Method', <Literal key="method" text={decision.method} />],
          ['Tool', <Kind key="kind" decision={decision} />],
          ['Proxy', <Literal key="proxy" text={decision.proxy} />],
          ['Definition', definitionDigest ? <Digest key="definition" digest={definitionDigest} /> : undefined],
          ['Arguments', argumentDigest ? <Digest key="arguments" digest={argumentDigest} keyed /> : undefined],
          ['Request', decision.requestId ? <Literal key="request" text={decision.requestId} /> : undefined],
          ['Trace', decision.traceId ? <Literal key="trace" text={decision.traceId} /> : undefined],
        ]}
      />
    </PanelSection>
  )
}

function Literal({ text }: { text: string }) {
  return <span className="font-mono">{text}</span>
}

function SessionLink({ session }: { session: string }) {
  return (
    <TextLink href={`/audit/session/${encodeURIComponent(session)}`} className="font-mono">
      {session}
    </TextLink>
  )
}

function Kind({ decision }: { decision: DecisionDetail }) {
  const [category, risk] = [categoryOf(decision.category), riskOf(decision.risk)]
  if (!category && !risk) return 'not classified'
  return (
    <span className="flex flex-wrap items-center gap-3">
      {category ? <CategoryLetter category={category} /> : null}
      {risk ? <RiskMeter risk={risk} /> : null}
    </span>
  )
}

function Digest({ digest, keyed = false }: { digest: string; keyed?: boolean }) {
  return (
    <span className="font-mono" title={digest}>
      {keyed ? 'hmac' : 'sha256'} {digest.slice(0, 4)}…{digest.slice(-4)}
    </span>
  )
}
