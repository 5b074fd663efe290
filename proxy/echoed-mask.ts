import { MASK } from '@/lib/audit/secret-shapes'
import { isJsonObject, type JsonValue } from '@/lib/policy'
import { type CallDecision, refusedBy } from './call-decision'

/**
 * An agent that repeats what a person showed it of the record would send the mask instead of the value, and a server would
 * take it for one: a password set to the mask, a file overwritten with it. Such a call is refused.
 */
export function refuseEchoedMask(args: JsonValue): CallDecision | null {
  const found = findMask(args)
  if (found === null) return null
  const place = found || '/'
  const message = `The argument at "${place}" holds ${MASK}, which the record writes where a value was masked. Give the value itself.`
  return refusedBy('(mask)', 'invalid_arguments', message)
}

/** JSON Pointer of the first mask; null when there is none. Arguments are bounded in depth when they are read. */
function findMask(value: JsonValue): string | null {
  if (typeof value === 'string') return value.includes(MASK) ? '' : null
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const found = findMask(value[i] as JsonValue)
      if (found !== null) return `/${i}${found}`
    }
    return null
  }
  if (!isJsonObject(value)) return null
  for (const key of Object.keys(value)) {
    if (key.includes(MASK)) return ''
    const found = findMask(value[key] as JsonValue)
    if (found !== null) return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}${found}`
  }
  return null
}
