import type { Metadata } from 'next'
import { SectionTitle } from '../section'
import { ContactForm } from './contact-form'

export const metadata: Metadata = {
  title: 'Get in touch',
  description: 'Ask the people who build Intercept. A person answers.',
}

export default function ContactPage() {
  return (
    <div className="mx-auto grid max-w-page gap-8 px-4 pt-10 md:px-8 md:pt-16 lg:grid-cols-2 lg:gap-16">
      <div>
        <SectionTitle
          level={1}
          lead="A question about policies, about running it, about what it does not do: a person reads it and answers by e-mail."
        >
          Get in touch
        </SectionTitle>
        <p className="mt-6 max-w-[40rem] text-md text-ink-2">
          You found a weakness? <span className="literal">SECURITY.md</span> in the source says how to report it, and
          what happens then.
        </p>
      </div>
      <ContactForm />
    </div>
  )
}
