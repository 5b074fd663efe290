'use client'

import { TextareaField, TextField } from '@/components/form/fields'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { Sheet } from '@/components/ui/sheet'
import { MessageInput } from '@/lib/site/model'
import { messageAction } from '../actions'
import { Hidden } from '../hidden-field'
import { Thanks } from '../thanks'

export function ContactForm() {
  return (
    <Sheet className="p-5 md:p-8">
      <Form action={messageAction} schema={MessageInput} permalink="/contact" aria-label="Get in touch">
        {state =>
          state.status === 'done' ? (
            <Thanks title="Your message is with us.">
              A person reads it and answers to the address that you gave.
            </Thanks>
          ) : (
            <div className="grid gap-4 md:grid-cols-2">
              <TextField name="name" label="Name" autoComplete="name" required large />
              <TextField
                name="email"
                type="email"
                label="E-mail"
                placeholder="you@company.com"
                autoComplete="email"
                required
                large
              />
              <TextareaField name="message" label="Message" rows={6} required large className="md:col-span-2" />
              <Hidden />
              <div className="flex flex-wrap items-center gap-x-4 gap-y-2 md:col-span-2">
                <SubmitButton kind="ink" size="large">
                  Send the message
                </SubmitButton>
                <span className="text-xs text-ink-3">We use it to answer you, nothing else.</span>
              </div>
            </div>
          )
        }
      </Form>
    </Sheet>
  )
}
