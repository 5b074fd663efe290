'use client'

import { SelectField, TextField } from '@/components/form/fields'
import { Form } from '@/components/form/form'
import type { FormAction } from '@/components/form/form-state'
import { SubmitButton } from '@/components/form/submit-button'
import { LinkButton } from '@/components/ui/button'
import { Checkbox } from '@/components/ui/checkbox'
import { DEFAULT_DEADLINES } from '@/lib/catalogue/model'
import type { ServerView } from '@/lib/catalogue/queries'
import { ReachFields } from '../../server-form'

type Shown = Pick<
  ServerView,
  | 'slug'
  | 'title'
  | 'registryName'
  | 'transport'
  | 'url'
  | 'allowPrivate'
  | 'isShared'
  | 'isSse'
  | 'drift'
  | 'argumentsKept'
  | 'steward'
  | 'deadlineSeconds'
  | 'idleDeadlineSeconds'
>

export function EditServerForm({
  server,
  command,
  names,
  action,
}: {
  server: Shown
  command: string
  /** Environment variables or headers that are set; their values stay sealed. */
  names: readonly string[]
  action: FormAction
}) {
  return (
    <Form action={action} className="flex flex-col gap-4">
      <input type="hidden" name="slug" value={server.slug} />
      <TextField name="title" label="Title" defaultValue={server.title} autoComplete="off" />
      <TextField
        name="registryName"
        label="Registry name"
        optional
        mono
        defaultValue={server.registryName ?? ''}
        autoComplete="off"
        spellCheck={false}
      />
      <TextField
        name="steward"
        label="Steward"
        type="email"
        optional
        defaultValue={server.steward?.email ?? ''}
        autoComplete="off"
        hint="The member who answers for it, by e-mail address. Left empty it stays as it is."
      />
      <ReachFields
        transport={server.transport}
        command={command}
        url={server.url ?? ''}
        allowPrivate={server.allowPrivate}
        isShared={server.isShared}
        isSse={server.isSse}
      >
        {names.length > 0 ? <SetNames names={names} /> : null}
      </ReachFields>
      <SelectField
        name="drift"
        label="When a definition drifts"
        defaultValue={server.drift}
        hint="A definition drifts when it is not the one that was approved."
      >
        <option value="block">Refuse calls to the tool</option>
        <option value="warn">Let calls pass and mark them</option>
      </SelectField>
      <SelectField name="argumentsKept" label="Arguments in records" defaultValue={server.argumentsKept}>
        <option value="masked">Keep them, mask what looks like a secret</option>
        <option value="keep">Keep them as they are</option>
        <option value="keys">Keep their names only</option>
        <option value="none">Keep nothing of them</option>
      </SelectField>
      <Deadlines server={server} />
      <div className="flex gap-2 pt-2">
        <SubmitButton kind="act">Save server</SubmitButton>
        <LinkButton href={`/servers/${server.slug}`} kind="quiet">
          Cancel
        </LinkButton>
      </div>
    </Form>
  )
}

function Deadlines({ server }: { server: Pick<Shown, 'deadlineSeconds' | 'idleDeadlineSeconds'> }) {
  const { seconds, idleSeconds } = DEFAULT_DEADLINES
  return (
    <>
      <TextField
        name="deadlineSeconds"
        label="Longest call, seconds"
        optional
        inputMode="numeric"
        defaultValue={server.deadlineSeconds ?? ''}
        placeholder={String(seconds)}
        autoComplete="off"
        hint="Then it is given up, whatever it does. From 5 to 86400; empty: an hour."
      />
      <TextField
        name="idleDeadlineSeconds"
        label="Longest silence, seconds"
        optional
        inputMode="numeric"
        defaultValue={server.idleDeadlineSeconds ?? ''}
        placeholder={String(idleSeconds)}
        autoComplete="off"
        hint="A call without an answer or progress for so long is given up. Empty: ten minutes."
      />
    </>
  )
}

function SetNames({ names }: { names: readonly string[] }) {
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 text-xs leading-4 font-label text-ink-2">Set already</legend>
      {names.map(name => (
        <div key={name} className="flex items-center gap-3">
          <span className="font-mono text-xs">{name}</span>
          <Checkbox name="removeName" value={name} className="ml-auto text-xs text-ink-2">
            Remove
          </Checkbox>
        </div>
      ))}
      <p className="text-xs text-ink-3">
        Their values stay as they are. To change one, write its name and the new value below.
      </p>
    </fieldset>
  )
}
