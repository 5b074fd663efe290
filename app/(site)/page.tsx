import type { Metadata } from 'next'
import { LinkButton } from '@/components/ui/button'
import { Categories } from './categories'
import { Exchange } from './exchange'
import { Gates } from './gates'
import { JoinSection } from './join-section'
import { Promises } from './promises'
import { Section } from './section'
import { Shot } from './shot'

export const metadata: Metadata = {
  title: { absolute: 'Intercept: deterministic policy for every MCP tool call' },
  description:
    'A self-hosted console and proxy: policy, per-identity grants and a complete record for every MCP tool call.',
}

export default function LandingPage() {
  return (
    <div className="mx-auto max-w-page px-4 md:px-8">
      <div className="pt-10 pb-8 md:pt-16 md:pb-10">
        <h1 className="text-4xl font-[560] tracking-display">
          <span className="block">No policy, no call.</span>
          <span className="block">No record, no call.</span>
        </h1>
        <div className="mt-5 grid items-end gap-5 md:mt-8 md:grid-cols-[minmax(0,1fr)_auto] md:gap-8">
          <p className="max-w-[41rem] text-lg text-pretty text-ink-2 md:text-[1.1875rem] md:leading-[1.9rem]">
            Intercept stands between your agents and their MCP servers. A rule you can read decides each tool call, for
            an identity you granted, and writes it down before anything is forwarded. Every refusal explains itself.
          </p>
          <div className="flex flex-wrap gap-3 *:flex-1">
            <LinkButton kind="act" size="large" href="#early">
              Request early access
            </LinkButton>
            <LinkButton size="large" href="#how">
              How it works
            </LinkButton>
          </div>
        </div>
      </div>
      <Shot />
      <Section
        id="how"
        title="One line, nine gates"
        lead="A call goes through when every gate is open. Where one closes, it ends, and the record says which gate, which rule and which line."
      >
        <Gates />
      </Section>
      <Section title="A rule you can read, a refusal an agent can act on">
        <Exchange />
      </Section>
      <Categories />
      <Promises />
      <JoinSection />
    </div>
  )
}
