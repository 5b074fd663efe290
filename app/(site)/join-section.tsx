import { TextLink } from '@/components/ui/text-link'
import { EarlyAccessForm } from './early-access-form'

const lines = [
  ['console', 'http://localhost:3000'],
  ['proxy', 'http://localhost:4000/mcp/mistral'],
  ['owner', 'a one-time link, valid for one hour'],
] as const

/** The two ways on: run it, or ask for help with it. */
export function JoinSection() {
  return (
    <div className="mt-16 grid gap-px overflow-hidden rounded-3 border border-line-strong bg-line-strong md:mt-24 lg:grid-cols-2 *:bg-sheet *:px-5 *:py-6 md:*:p-10">
      <section id="run" className="scroll-mt-4">
        <PartTitle lead="Node 20 and git. Postgres comes along. Nothing leaves your machine.">
          Run it yourself
        </PartTitle>
        <div className="rounded-2 border border-line bg-well px-4 py-3.5 font-mono text-xs leading-6 wrap-anywhere">
          <p>
            <span className="text-ink-3 select-none">$ </span>npm start
          </p>
          <dl className="grid grid-cols-[5rem_minmax(0,1fr)]">
            {lines.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-ink-3">{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
        <p className="mt-6 text-md text-ink-2">
          A question first? <TextLink href="/contact">Get in touch</TextLink>; a person answers.
        </p>
      </section>
      <section id="early" className="scroll-mt-4">
        <PartTitle lead="For teams that run MCP in production and want help with the first policy.">
          Request early access
        </PartTitle>
        <EarlyAccessForm />
      </section>
    </div>
  )
}

function PartTitle({ lead, children }: { lead: string; children: string }) {
  return (
    <>
      <h2 className="text-2xl font-[560] tracking-figure">{children}</h2>
      <p className="mt-2 mb-6 text-md text-ink-2">{lead}</p>
    </>
  )
}
