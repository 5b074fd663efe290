'use client'

import { TextareaField, TextField } from '@/components/form/fields'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { EarlyAccessInput } from '@/lib/site/model'
import { earlyAccessAction } from './actions'
import { Hidden } from './hidden-field'
import { Thanks } from './thanks'

export function EarlyAccessForm() {
  return (
    <Form action={earlyAccessAction} schema={EarlyAccessInput} permalink="/#early" aria-label="Request early access">
      {state =>
        state.status === 'done' ? (
          <Thanks title="Your request is noted.">
            A person reads it and answers to the address that you gave. If you asked before, your first request stands.
          </Thanks>
        ) : (
          <div className="grid gap-4 md:grid-cols-2">
            <TextField
              name="email"
              type="email"
              label="Work e-mail"
              placeholder="you@company.com"
              autoComplete="email"
              required
              large
            />
            <TextField name="company" label="Company" autoComplete="organization" required large />
            <TextField
              name="stack"
              label="What you run"
              placeholder="Servers, agents, calls a day"
              autoComplete="off"
              required
              large
              className="md:col-span-2"
            />
            <TextareaField name="note" label="Note" optional large rows={2} className="md:col-span-2" />
            <Hidden />
            <div className="flex flex-wrap items-center gap-x-4 gap-y-2 md:col-span-2">
              <SubmitButton kind="act" size="large">
                Request early access
              </SubmitButton>
              <span className="text-xs text-ink-3">We use it to answer you, nothing else.</span>
            </div>
          </div>
        )
      }
    </Form>
  )
}
