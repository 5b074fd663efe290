'use client'

import {
  type ComponentProps,
  createContext,
  type FocusEvent,
  type FormEvent,
  type ReactNode,
  startTransition,
  useActionState,
  useContext,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
} from 'react'
import { Note } from '@/components/ui/note'
import { checkFields, type FormAction, type FormSchema, type FormState, idle } from './form-state'

interface FormContext {
  errors: Readonly<Record<string, string>>
  values: Readonly<Record<string, string>>
  pending: boolean
  /** `name=value` of the button that was pressed. */
  pressed: string
}

const Context = createContext<FormContext>({ errors: {}, values: {}, pending: false, pressed: '' })

/** The state of the form around a field or button. */
export const useForm = () => useContext(Context)

interface Found {
  since: FormState<unknown>
  errors: Readonly<Record<string, string | undefined>>
}

const controls = 'input, textarea, select'

/**
 * A form over a server action. Checks a field against `schema` when it is left, clears its error while typing, keeps
 * what was typed on refusal, moves to the first error, and shows the action's sentence over the acts. Works as a plain
 * form without JavaScript.
 */
export function Form<Result>({
  action,
  schema,
  permalink,
  onDone,
  resetOnDone = false,
  children,
  ...rest
}: {
  action: FormAction<Result>
  schema?: FormSchema
  /** Where the answer stands for who has no JavaScript: the page's address with the form's anchor. */
  permalink?: string
  /** Called once for each time the action is done. */
  onDone?: (state: FormState<Result>) => void
  resetOnDone?: boolean
  children: ReactNode | ((state: FormState<Result>) => ReactNode)
} & Omit<ComponentProps<'form'>, 'action' | 'children'>) {
  const [state, send, pending] = useActionState(action, idle as FormState<Result>, permalink)
  // What was found here since the last answer; an answer makes it void.
  const [found, setFound] = useState<Found>({ since: state, errors: {} })
  // An answer whose errors stand beside no field of this form.
  const [unplaced, setUnplaced] = useState<FormState<unknown>>()
  const [pressed, setPressed] = useState('')
  const form = useRef<HTMLFormElement>(null)

  const answered = useEffectEvent((answer: FormState<Result>) => {
    if (answer.status === 'refused' && !focusFirst(form.current, answer.errors)) setUnplaced(answer)
    if (answer.status !== 'done') return
    if (resetOnDone) form.current?.reset()
    onDone?.(answer)
  })
  useEffect(() => answered(state), [state])

  const local = found.since === state ? found.errors : {}
  const errors: Record<string, string> = {}
  for (const [name, message] of Object.entries({ ...state.errors, ...local })) if (message) errors[name] = message
  const note = (changes: Found['errors']) => setFound({ since: state, errors: { ...local, ...changes } })

  const check = (name: string) => {
    if (!schema || !form.current || !name) return
    note({ [name]: checkFields(schema, new FormData(form.current))[name] })
  }
  const leave = (event: FocusEvent<HTMLFormElement>) => {
    const control: EventTarget & Partial<HTMLInputElement> = event.target
    // A field that was left empty and untouched is not wrong yet.
    if (control.name && (control.value || errors[control.name])) check(control.name)
  }
  const type = (event: FormEvent<HTMLFormElement>) => {
    const { name } = event.target as HTMLInputElement
    if (!name || !errors[name]) return
    if (schema) check(name)
    else note({ [name]: undefined })
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    // Sending it ourselves keeps React from resetting the fields afterwards.
    event.preventDefault()
    if (pending) return
    const { submitter } = event.nativeEvent as SubmitEvent
    const data = new FormData(event.currentTarget, submitter)
    const wrong = schema ? checkFields(schema, data) : {}
    const cleared = Object.fromEntries(Object.keys(errors).map(name => [name, undefined]))
    note({ ...cleared, ...wrong })
    if (Object.keys(wrong).length > 0) {
      focusFirst(event.currentTarget, wrong)
      return
    }
    setPressed(submitter instanceof HTMLButtonElement ? `${submitter.name}=${submitter.value}` : '')
    startTransition(() => send(data))
  }
  const isForAll = unplaced === state || Object.keys(state.errors).length === 0
  const bodyError = state.status === 'refused' && !pending && isForAll

  return (
    <Context value={{ errors, values: state.values, pending, pressed }}>
      <form {...rest} ref={form} action={send} noValidate onSubmit={submit} onBlur={leave} onInput={type}>
        {bodyError ? (
          <Note tone="bad" role="alert" className="col-span-full mb-4">
            {state.message}
          </Note>
        ) : null}
        {typeof children === 'function' ? children(state) : children}
      </form>
    </Context>
  )
}

/** Moves to the first field with an error; false when none of them stands in the form. */
function focusFirst(form: HTMLFormElement | null, errors: Readonly<Record<string, string>>): boolean {
  const fields = [...(form?.querySelectorAll<HTMLInputElement>(controls) ?? [])]
  const first = fields.find(field => errors[field.name] && field.type !== 'hidden')
  first?.focus()
  return first !== undefined
}
