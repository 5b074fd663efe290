'use client'

import { useId, useState } from 'react'
import { useForm } from '@/components/form/form'
import { CategoryLetter } from '@/components/ui/category-letter'
import { classes } from '@/components/ui/classes'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { globMatches } from '@/lib/policy/names'
import { namesOf } from '../read-identity-form'
import type { ServerChoice } from './grant-button'

/** Names and globs, typed or pressed; each tool that they cover is marked as they are. */
export function ToolChoice({ server, tools }: { server: string; tools: ServerChoice['tools'] }) {
  const { errors } = useForm()
  const id = useId()
  const [typed, setTyped] = useState('')
  const names = namesOf(typed)
  const isCovered = (tool: string) => names.some(name => globMatches(name, tool))
  const covered = tools.filter(tool => isCovered(tool.name)).length
  const toggle = (tool: string) =>
    setTyped((names.includes(tool) ? names.filter(name => name !== tool) : [...names, tool]).join(', '))
  return (
    <div className="flex flex-col gap-2">
      <Field
        id={id}
        label="Tools"
        hint={`Names or globs. ${names.length === 0 ? '* is every tool, also those to come.' : `Matches ${covered} of ${tools.length} on ${server}.`}`}
        error={errors.tools}
      >
        {ids => (
          <Input
            {...ids}
            name="tools"
            mono
            value={typed}
            onChange={event => setTyped(event.target.value)}
            placeholder="workflow_*, mistral_chat"
            autoComplete="off"
            spellCheck={false}
          />
        )}
      </Field>
      <ul className="flex max-h-44 flex-wrap gap-1.5 overflow-y-auto" aria-label={`Tools of ${server}`}>
        {tools.map(({ name, category }) => {
          const isOn = isCovered(name)
          const isByGlob = isOn && !names.includes(name)
          return (
            <li key={name}>
              <button
                type="button"
                aria-pressed={isOn}
                disabled={isByGlob}
                onClick={() => toggle(name)}
                className={classes(
                  'inline-flex h-7 items-center gap-2 rounded-2 border px-2 font-mono text-xs disabled:cursor-default coarse:h-9',
                  isOn
                    ? 'border-accent-line bg-accent-tint text-accent-ink'
                    : 'border-line-strong bg-sheet hover:bg-hover',
                )}
              >
                <CategoryLetter category={category} wordless />
                {name}
              </button>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
