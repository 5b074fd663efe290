'use client'

import { useRef, useState } from 'react'
import { useForm } from '@/components/form/form'
import { Button } from '@/components/ui/button'
import { FieldError } from '@/components/ui/field'
import { Input } from '@/components/ui/input'

/** Rows of a name and a value that is written once and never shown again. */
export function NameValueRows({
  kind,
  legend,
  hint,
  namePlaceholder,
}: {
  kind: 'environment' | 'header'
  legend: string
  hint: string
  namePlaceholder: string
}) {
  const { errors } = useForm()
  const [rows, setRows] = useState([0])
  const next = useRef(1)
  const error = errors[kind === 'environment' ? 'environment' : 'headers']
  const add = () => {
    const row = next.current
    next.current += 1
    setRows(all => [...all, row])
  }
  return (
    <fieldset className="flex min-w-0 flex-col gap-1.5">
      <legend className="mb-1.5 text-xs leading-4 font-label text-ink-2">
        {legend} <span className="font-text text-ink-3">optional</span>
      </legend>
      {rows.map((row, i) => (
        <div key={row} className="flex gap-2">
          <Input
            mono
            name={`${kind}Name`}
            aria-label={`Name ${i + 1}`}
            placeholder={namePlaceholder}
            autoComplete="off"
          />
          <Input
            mono
            type="password"
            name={`${kind}Secret`}
            aria-label={`Value ${i + 1}`}
            placeholder="Value"
            autoComplete="new-password"
          />
          <Button
            kind="quiet"
            square
            icon="x"
            aria-label={`Remove row ${i + 1}`}
            disabled={rows.length === 1}
            onClick={() => setRows(all => all.filter(one => one !== row))}
          />
        </div>
      ))}
      {error ? <FieldError>{error}</FieldError> : <p className="text-xs text-ink-3">{hint}</p>}
      <div>
        <Button size="small" icon="plus" onClick={add}>
          Add a row
        </Button>
      </div>
    </fieldset>
  )
}
