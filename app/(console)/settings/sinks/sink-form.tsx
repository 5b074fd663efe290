'use client'

import { CheckboxField, SelectField, TextareaField, TextField } from '@/components/form/fields'
import { Form } from '@/components/form/form'
import type { FormAction } from '@/components/form/form-state'
import { SubmitButton } from '@/components/form/submit-button'
import { LinkButton } from '@/components/ui/button'
import { Checkbox } from '@/components/ui/checkbox'
import type { SinkKind } from '@/lib/audit/sinks/model'
import type { SinkView } from '@/lib/audit/sinks/queries'
import { controlOf, fieldsOf, isSecret, type SinkField } from './sink-fields'

export type ShownSink = Pick<SinkView, 'name' | 'settings' | 'secretNames' | 'effects' | 'servers' | 'withArguments'>

/** Adds a sink of a kind, or changes one. */
export function SinkForm({
  kind,
  sink,
  mayReadArguments,
  action,
}: {
  kind: SinkKind
  /** What there is; absent for a new one. */
  sink?: ShownSink
  mayReadArguments: boolean
  action: FormAction
}) {
  return (
    <Form action={action} className="flex flex-col gap-4">
      <input type="hidden" name="kind" value={kind} />
      {sink ? (
        <input type="hidden" name="name" value={sink.name} />
      ) : (
        <TextField
          name="name"
          label="Name"
          mono
          required
          autoComplete="off"
          spellCheck={false}
          placeholder="siem"
          hint="a–z, 0–9 and -. It cannot be changed later."
        />
      )}
      {fieldsOf[kind].map(field => (
        <SettingField key={field.name} field={field} {...(sink ? { sink } : {})} />
      ))}
      <WhichRecords mayReadArguments={mayReadArguments} {...(sink ? { sink } : {})} />
      {sink ? null : (
        <SelectField name="start" label="Begin with" defaultValue="now">
          <option value="now">What is recorded from now on</option>
          <option value="beginning">All that is still stored</option>
        </SelectField>
      )}
      <div className="flex gap-2 pt-2">
        <SubmitButton kind="ink">{sink ? 'Save sink' : 'Add sink'}</SubmitButton>
        <LinkButton href="/settings/sinks" kind="quiet">
          Cancel
        </LinkButton>
      </div>
    </Form>
  )
}

function SettingField({ field, sink }: { field: SinkField; sink?: ShownSink }) {
  const { label, hint, placeholder, type } = field
  const isSet = sink !== undefined && isSecret(field) && sink.secretNames.includes(field.name)
  const value = sink?.settings[field.name]
  const shared = {
    name: controlOf(field),
    label,
    hint: isSet ? 'Set already, and never shown. Leave it empty to keep it.' : hint,
    optional: field.optional === true,
    ...(value === undefined || type === 'check' ? {} : { defaultValue: String(value) }),
    ...(placeholder === undefined ? {} : { placeholder }),
  }
  if (type === 'check')
    return <CheckboxField name={field.name} label={label} hint={hint} defaultChecked={value === true} />
  if (type === 'choice')
    return (
      <SelectField {...shared}>
        {field.choices?.map(([choice, words]) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
      </SelectField>
    )
  const control =
    type === 'lines' || type === 'secret-lines' ? (
      <TextareaField {...shared} mono rows={4} autoComplete="off" spellCheck={false} />
    ) : (
      <TextField
        {...shared}
        mono
        type={type === 'secret' ? 'password' : 'text'}
        inputMode={type === 'number' ? 'numeric' : undefined}
        autoComplete={type === 'secret' ? 'new-password' : 'off'}
        spellCheck={false}
      />
    )
  if (!isSet || !field.optional) return control
  return (
    <div className="flex flex-col gap-1">
      {control}
      <Checkbox name="removeName" value={field.name} className="text-xs text-ink-2">
        Remove what is set
      </Checkbox>
    </div>
  )
}

const effects = [
  ['allow', 'Allowed'],
  ['deny', 'Denied'],
  ['require_approval', 'Approval asked'],
] as const

function WhichRecords({ sink, mayReadArguments }: { sink?: ShownSink; mayReadArguments: boolean }) {
  return (
    <>
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-xs leading-4 font-label text-ink-2">Only calls that were</legend>
        <div className="flex flex-wrap gap-x-5">
          {effects.map(([effect, words]) => (
            <Checkbox key={effect} name="effects" value={effect} defaultChecked={sink?.effects.includes(effect)}>
              {words}
            </Checkbox>
          ))}
        </div>
        <p className="text-xs text-ink-3">None ticked sends all of them. Outcomes go with their decisions.</p>
      </fieldset>
      <TextField
        name="servers"
        label="Only of these servers"
        optional
        mono
        autoComplete="off"
        spellCheck={false}
        defaultValue={sink?.servers.join(', ')}
        placeholder="mistral, files"
      />
      {mayReadArguments || sink?.withArguments ? (
        <CheckboxField
          name="withArguments"
          label="Send arguments along"
          defaultChecked={sink?.withArguments ?? false}
          hint="Masked as they are stored. Without them each record still carries the digest of the whole."
        />
      ) : (
        <p className="text-xs text-ink-3">Arguments stay here: sending them is for who may read them.</p>
      )}
    </>
  )
}
