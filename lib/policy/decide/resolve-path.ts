import { isJsonObject, type JsonValue } from '../json/value'
import type { ParsedPath } from '../paths'
import type { Context } from './context'

/** Finds what a path names; undefined is missing. */
export type Resolve = (context: Context) => JsonValue | undefined

/** A resolver for a path without `*`. */
export function resolverOf({ root, steps }: ParsedPath, zone: string): Resolve {
  const [first = '', second = ''] = steps
  switch (root) {
    case 'args':
      return argumentResolver(steps)
    case 'identity':
      return identityResolver(first, second)
    case 'session':
      return ({ call }) => call.session?.id
    case 'server':
      return ({ call }) => call.server.name
    case 'tool':
      return toolResolver(first, second)
    case 'request':
      return clockResolver(first, zone)
    case 'state':
      return () => undefined
  }
}

function argumentResolver(steps: readonly string[]): Resolve {
  const [first = '', second = ''] = steps
  if (steps.some(step => step in Object.prototype)) return ({ call }) => ownValueAt(call.args, steps)
  if (steps.length === 1) return ({ call }) => call.args[first]
  if (steps.length === 2) return ({ call }) => memberOf(call.args[first], second)
  return ({ call }) => {
    let value: JsonValue | undefined = call.args[first]
    for (let i = 1; i < steps.length; i++) value = memberOf(value, steps[i] as string)
    return value
  }
}

/** Never an index into a list: `args.items.0` reads the key `0` of an object. */
function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return (value as { readonly [key: string]: JsonValue })[key]
}

/** For names that every object inherits something under: `constructor`, `__proto__`. */
export function ownValueAt(value: JsonValue | undefined, steps: readonly string[]): JsonValue | undefined {
  let current = value
  for (const step of steps) {
    if (!isJsonObject(current) || !Object.hasOwn(current, step)) return undefined
    current = current[step]
  }
  return current
}

function identityResolver(name: string, label: string): Resolve {
  switch (name) {
    case 'id':
      return ({ call }) => call.identity?.id
    case 'name':
      return ({ call }) => call.identity?.name
    case 'kind':
      return ({ call }) => call.identity?.kind
    case 'groups':
      return ({ call }) => call.identity?.groups
    default:
      return ({ call }) => ownMember(call.identity?.labels, label)
  }
}

function toolResolver(name: string, annotation: string): Resolve {
  switch (name) {
    case 'name':
      return ({ call }) => call.tool.name
    case 'category':
      return ({ call }) => call.tool.category
    case 'risk':
      return ({ call }) => call.tool.risk
    default:
      return ({ call }) => ownMember(call.tool.annotations, annotation)
  }
}

function ownMember(record: Readonly<Record<string, unknown>> | undefined, key: string): JsonValue | undefined {
  return record && Object.hasOwn(record, key) ? (record[key] as JsonValue) : undefined
}

function clockResolver(part: string, zone: string): Resolve {
  const key = part as 'time' | 'hour' | 'weekday' | 'date'
  return context => context.clockIn(zone)?.[key]
}
