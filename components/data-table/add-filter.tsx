'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useId, useState } from 'react'
import { Button } from '@/components/ui/button'
import { addChipClass } from '@/components/ui/chip'
import { Field } from '@/components/ui/field'
import { Icon } from '@/components/ui/icon'
import { Input, Select } from '@/components/ui/input'
import { Popover } from '@/components/ui/popover'

export interface FilterChoice {
  field: string
  /** What is offered; nothing else is taken when `isClosed`. */
  values: readonly string[]
  isClosed: boolean
}

/** The dashed chip that adds a filter: which field, is or is not, which value. */
export function AddFilter({
  path,
  search,
  choices,
}: {
  path: string
  /** The view as it is now. */
  search: string
  choices: readonly FilterChoice[]
}) {
  const router = useRouter()
  const id = useId()
  const [isOpen, setOpen] = useState(false)
  const [field, setField] = useState(choices[0]?.field ?? '')
  const choice = choices.find(each => each.field === field)

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const said = new FormData(event.currentTarget)
    const parameters = new URLSearchParams(search)
    const name = said.get('operator') === 'not' ? `${field}.not` : field
    const value = String(said.get('value') ?? '').trim()
    if (!parameters.getAll(name).includes(value)) parameters.append(name, value)
    setOpen(false)
    router.push(`${path}?${parameters}`, { scroll: false })
  }

  return (
    <Popover
      label="Add a filter"
      open={isOpen}
      onOpenChange={setOpen}
      trigger={
        <button type="button" data-filter-trigger className={addChipClass}>
          <span className="inline-flex items-center gap-[5px] self-center">
            <Icon name="plus" small />
            Filter
          </span>
        </button>
      }
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-3">
        <div className="grid grid-cols-[1fr_88px] gap-2">
          <Field id={`${id}-field`} label="Field">
            {ids => (
              <Select {...ids} value={field} onChange={event => setField(event.target.value)}>
                {choices.map(each => (
                  <option key={each.field}>{each.field}</option>
                ))}
              </Select>
            )}
          </Field>
          <Field id={`${id}-operator`} label="Operator">
            {ids => (
              <Select {...ids} name="operator">
                <option value="is">is</option>
                <option value="not">is not</option>
              </Select>
            )}
          </Field>
        </div>
        {choice ? <ValueField key={field} id={`${id}-value`} choice={choice} /> : null}
        <Button kind="ink" type="submit">
          Add the filter
        </Button>
      </form>
    </Popover>
  )
}

function ValueField({ id, choice: { field, values, isClosed } }: { id: string; choice: FilterChoice }) {
  if (isClosed) {
    return (
      <Field id={id} label="Value">
        {ids => (
          <Select {...ids} name="value" mono>
            {values.map(value => (
              <option key={value}>{value}</option>
            ))}
          </Select>
        )}
      </Field>
    )
  }
  return (
    <Field id={id} label="Value" hint={`Empty means that a record has no ${field}.`}>
      {ids => (
        <>
          <Input
            {...ids}
            name="value"
            mono
            list={`${id}-values`}
            autoComplete="off"
            spellCheck={false}
            autoFocus
            maxLength={200}
          />
          <datalist id={`${id}-values`}>
            {values.map(value => (
              <option key={value} value={value} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  )
}
