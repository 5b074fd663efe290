import { MASK } from '@/lib/audit/secret-shapes'
import { isJsonObject, type JsonValue } from '@/lib/policy'
import { type CallDecision, refusedBy } from './call-decision'

/**
 * An agent that repeats what a person showed it of the record would send the mask instead of the value, and a server would
 * take it for one: a password set to the mask, a file overwritten with it. Such a call is refused.
 */
export function refuseEchoedMask(args: JsonValue): CallDecision | null {
  const place = findMask(args, '')
  if (place === null) return null
  const message = `The argument at "${place}" holds ${MASK}, which the record writes where a value was masked. Give the value itself.`
  return refusedBy('(mask)', 'invalid_arguments', message)
}

/** JSON Pointer of the first mask; null when there is none. Arguments are bounded in depth when they are read. */
function findMask(value: JsonValue, place: string): string | null {
  if (typeof value === 'string') return value.includes(MASK) ? place || '/' : null
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const found = findMask(item, `${place}/${i}`)
      if (found !== null) return found
    }
    return null
  }
  if (!isJsonObject(value)) return null
  for (const key of Object.keys(value)) {
    if (key.includes(MASK)) return place || '/'
    const found = findMask(value[key] as JsonValue, `${place}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    if (found !== null) return found
  }
  return null
}
