'use client'

import type { ComponentProps } from 'react'
import { Button } from '@/components/ui/button'
import { useForm } from './form'

/** Sends the form around it. While the action runs, the pressed button turns and none takes a second press. */
export function SubmitButton({ disabled, ...rest }: Omit<ComponentProps<typeof Button>, 'type' | 'pending'>) {
  const { pending, pressed } = useForm()
  const isPressed = pending && pressed === `${rest.name ?? ''}=${rest.value ?? ''}`
  return <Button {...rest} type="submit" pending={isPressed} disabled={disabled || (pending && !isPressed)} />
}
