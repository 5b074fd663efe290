import { isJsonObject } from '../json/value'

const MAX_STEPS = 200

/** Whether a property's schema admits null. What cannot be told is no. */
export function allowsNull(schema: unknown, root: unknown): boolean {
  return admits(schema, root, { left: MAX_STEPS })
}

function admits(schema: unknown, root: unknown, steps: { left: number }): boolean {
  if (schema === true) return true
  if (!isObject(schema) || steps.left-- <= 0) return false
  if (schema.$dynamicRef !== undefined || schema.if !== undefined || schema.not !== undefined) return false
  if (schema.$ref !== undefined && !admits(resolve(schema.$ref, root), root, steps)) return false
  if (schema.type !== undefined && ![schema.type].flat().includes('null')) return false
  if (schema.enum !== undefined && !(Array.isArray(schema.enum) && schema.enum.includes(null))) return false
  if ('const' in schema && schema.const !== null) return false
  const every = (branches: unknown) => Array.isArray(branches) && branches.every(branch => admits(branch, root, steps))
  const some = (branches: unknown) => Array.isArray(branches) && branches.some(branch => admits(branch, root, steps))
  if (schema.allOf !== undefined && !every(schema.allOf)) return false
  if (schema.anyOf !== undefined && !some(schema.anyOf)) return false
  return schema.oneOf === undefined || some(schema.oneOf)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return isJsonObject(value)
}

/** A local JSON pointer only; anything else is not fetched and not guessed. */
function resolve(reference: unknown, root: unknown): unknown {
  if (typeof reference !== 'string' || !/^#(?:\/|$)/.test(reference)) return undefined
  let node: unknown = root
  for (const step of reference.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!isObject(node) || !Object.hasOwn(node, key)) return undefined
    node = node[key]
  }
  return node
}
