'use client'

import { type ComponentProps, type ReactNode, useId } from 'react'
import { Checkbox } from '@/components/ui/checkbox'
import { Field, FieldError } from '@/components/ui/field'
import { Input, type InputLook, Select, Textarea } from '@/components/ui/input'
import { useForm } from './form'

interface Words {
  name: string
  label: ReactNode
  hint?: ReactNode
  optional?: boolean
  /** Class of the field around the control. */
  className?: string
}

/** A line of text in a `Form`, with its label, its hint and its error. */
export function TextField({
  label,
  hint,
  optional,
  className,
  ...rest
}: Words & InputLook & Omit<ComponentProps<'input'>, 'name' | 'className'>) {
  const { errors, values } = useForm()
  const id = useId()
  return (
    <Field id={id} label={label} optional={optional} hint={hint} error={errors[rest.name]} className={className}>
      {ids => <Input {...rest} defaultValue={values[rest.name] ?? rest.defaultValue} {...ids} />}
    </Field>
  )
}

/** Several lines of text in a `Form`. */
export function TextareaField({
  label,
  hint,
  optional,
  className,
  ...rest
}: Words & InputLook & Omit<ComponentProps<'textarea'>, 'name' | 'className'>) {
  const { errors, values } = useForm()
  const id = useId()
  return (
    <Field id={id} label={label} optional={optional} hint={hint} error={errors[rest.name]} className={className}>
      {ids => <Textarea {...rest} defaultValue={values[rest.name] ?? rest.defaultValue} {...ids} />}
    </Field>
  )
}

/** One of a list in a `Form`; `children` are `<option>`s. */
export function SelectField({
  label,
  hint,
  optional,
  className,
  ...rest
}: Words & InputLook & Omit<ComponentProps<'select'>, 'name' | 'className'>) {
  const { errors, values } = useForm()
  const id = useId()
  return (
    <Field id={id} label={label} optional={optional} hint={hint} error={errors[rest.name]} className={className}>
      {ids => <Select {...rest} defaultValue={values[rest.name] ?? rest.defaultValue} {...ids} />}
    </Field>
  )
}

/** A yes or no that is sent with the form. */
export function CheckboxField({
  name,
  label,
  hint,
  defaultChecked,
  value = 'yes',
}: Omit<Words, 'optional' | 'className'> & { defaultChecked?: boolean; value?: string }) {
  const { errors } = useForm()
  const id = useId()
  const error = errors[name]
  return (
    <div className="flex flex-col gap-1">
      <Checkbox
        name={name}
        value={value}
        defaultChecked={defaultChecked}
        aria-describedby={hint || error ? `${id}-note` : undefined}
        aria-invalid={error ? true : undefined}
      >
        {label}
      </Checkbox>
      {error ? (
        <FieldError id={`${id}-note`}>{error}</FieldError>
      ) : hint ? (
        <p id={`${id}-note`} className="pl-6 text-xs text-ink-3">
          {hint}
        </p>
      ) : null}
    </div>
  )
}
