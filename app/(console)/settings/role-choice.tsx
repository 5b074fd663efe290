'use client'

import { useForm } from '@/components/form/form'
import { Checkbox } from '@/components/ui/checkbox'
import { FieldError } from '@/components/ui/field'
import type { Role } from '@/lib/auth/model'
import { roleWords } from './roles'

/** Any of the roles, each with what it may do. */
export function RoleChoice({ roles }: { roles: readonly Role[] }) {
  const { errors } = useForm()
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 text-xs leading-4 font-label text-ink-2">Roles</legend>
      {roles.map(role => (
        <Checkbox key={role} name="roles" value={role} defaultChecked={role === 'viewer'}>
          <span>
            <span className="font-label first-letter:uppercase">{role}</span>{' '}
            <span className="text-xs text-ink-3">{roleWords[role]}</span>
          </span>
        </Checkbox>
      ))}
      {errors.roles ? <FieldError>{errors.roles}</FieldError> : null}
    </fieldset>
  )
}
