'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useRef } from 'react'
import { Input } from '@/components/ui/input'
import { readTyped } from '@/lib/audit/filter/model'

/** A filter as it is typed: `args.executionId:abc`, `tool:kubectl_delete`, `-tool:kubectl_get`, or words. */
export function TypedFilter({ path, search, placeholder }: { path: string; search: string; placeholder: string }) {
  const router = useRouter()
  const field = useRef<HTMLInputElement>(null)
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    const typed = readTyped(field.current?.value ?? '')
    if (!typed) return
    const parameters = new URLSearchParams(search)
    if (!parameters.getAll(typed.name).includes(typed.value)) parameters.append(typed.name, typed.value)
    if (field.current) field.current.value = ''
    router.push(`${path}?${parameters}`, { scroll: false })
  }
  return (
    <search className="w-64 flex-none md:w-72">
      <form onSubmit={onSubmit}>
        <Input
          ref={field}
          type="search"
          aria-label="Filter by field:value, or search words"
          placeholder={placeholder}
          mono
          maxLength={300}
          autoComplete="off"
          spellCheck={false}
          className="h-6.5! coarse:h-9!"
        />
      </form>
    </search>
  )
}
