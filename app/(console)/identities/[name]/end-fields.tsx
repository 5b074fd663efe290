'use client'

import { useState } from 'react'
import { SelectField, TextField } from '@/components/form/fields'
import { ends } from '../ends'

/** Until when: one of a few spans, a day, or until revoked. */
export function EndFields({ label, first }: { label: string; first: (typeof ends)[number]['value'] }) {
  const [chosen, setChosen] = useState<string>(first)
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField name="until" label={label} value={chosen} onChange={event => setChosen(event.target.value)}>
        {ends.map(({ value, label: word }) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </SelectField>
      {chosen === 'day' ? <TextField name="day" type="date" label="Day" hint="Ends with that day, in UTC." /> : null}
    </div>
  )
}
