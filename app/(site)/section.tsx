import type { ReactNode } from 'react'

/** A part of a public page: parted from the one before by space, its head in display size. */
export function Section({
  id,
  title,
  lead,
  children,
}: {
  id?: string
  title: string
  lead?: string
  children: ReactNode
}) {
  return (
    <section id={id} className="scroll-mt-4 pt-16 md:pt-24">
      <SectionTitle lead={lead}>{title}</SectionTitle>
      <div className="mt-10">{children}</div>
    </section>
  )
}

export function SectionTitle({
  level = 2,
  lead,
  children,
}: {
  level?: 1 | 2
  lead?: string | undefined
  children: ReactNode
}) {
  const Heading = level === 1 ? 'h1' : 'h2'
  return (
    <>
      <Heading className="max-w-[24ch] text-[clamp(1.75rem,1.2rem+1.9vw,2.5rem)] leading-[1.1] font-[560] tracking-[-0.035em] text-balance">
        {children}
      </Heading>
      {lead ? <p className="mt-4 max-w-[40rem] text-lg text-pretty text-ink-2">{lead}</p> : null}
    </>
  )
}
