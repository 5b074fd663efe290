'use client'

import { SelectField, TextField } from '@/components/form/fields'
import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { LinkButton } from '@/components/ui/button'
import { addIdentityAction } from '../actions'

export function NewIdentityForm() {
  return (
    <Form action={addIdentityAction} className="flex flex-col gap-4">
      <TextField
        name="name"
        label="Name"
        required
        autoComplete="off"
        spellCheck={false}
        placeholder="ops-agent"
        hint="How records, rules and commands name it. It cannot be changed later."
      />
      <SelectField name="kind" label="Kind" defaultValue="agent" hint="Rules can ask for it as identity.kind.">
        <option value="agent">Agent: a model acts</option>
        <option value="service">Service: a program acts</option>
        <option value="person">Person: a human acts</option>
      </SelectField>
      <TextField
        name="labels"
        label="Labels"
        optional
        mono
        autoComplete="off"
        spellCheck={false}
        placeholder="team=operations, region=eu"
        hint="Rules can ask for them as identity.labels.<name>."
      />
      <TextField
        name="steward"
        type="email"
        label="Steward"
        optional
        autoComplete="off"
        placeholder="ada@example.org"
        hint="E-mail of the member who answers for it."
      />
      <div className="flex gap-2 pt-2">
        <SubmitButton kind="ink">Add identity</SubmitButton>
        <LinkButton href="/identities" kind="quiet">
          Cancel
        </LinkButton>
      </div>
    </Form>
  )
}
