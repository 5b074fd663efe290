import type { Condition } from '../document'
import { PreciseNumber } from '../json/precise-number'
import type { JsonValue } from '../json/value'
import { compilePattern } from '../patterns'
import { areEqual, InexactNumber } from './equality'
import { compileGlob, faultOfPath, isTooLong } from './glob-value'

export const FAILS = 0
export const HOLDS = 1
/** A value of a type that the operator cannot take: fails in `conditions`, denies in `when`. */
export const WRONG_TYPE = 2
/** Cannot be decided at all: denies everywhere. */
export const BROKEN = 3
export type Truth = typeof FAILS | typeof HOLDS | typeof WRONG_TYPE | typeof BROKEN

export type Operate = (value: JsonValue) => Truth

/** Texts longer than this are not put to a pattern: a match is linear, and linear in megabytes is slow. */
const MAX_PATTERN_SUBJECT = 262_144

/** Makes the closure of an operator and its value. An operand that it cannot take breaks every comparison. */
export function operatorOf({ op, value: operand, path }: Condition): Operate {
  switch (op) {
    case 'eq':
      return equals(operand)
    case 'neq':
      return negate(equals(operand))
    case 'in':
      return isOneOf(operand)
    case 'not_in':
      return negate(isOneOf(operand))
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return compares(op, operand, path === 'request.time' || path === 'request.date')
    case 'contains':
      return contains(operand)
    case 'exists':
      return value => ((value !== null) === operand ? HOLDS : FAILS)
    case 'regex':
    case 'glob':
    case 'starts_with':
    case 'ends_with':
      return typeof operand === 'string' ? textOperator(op, operand) : () => BROKEN
  }
}

function negate(operate: Operate): Operate {
  return value => {
    const truth = operate(value)
    return truth === HOLDS ? FAILS : truth === FAILS ? HOLDS : truth
  }
}

function equals(operand: JsonValue): Operate {
  if (typeof operand === 'string') {
    return value => (typeof value === 'string' ? (value === operand ? HOLDS : FAILS) : compare(value, operand))
  }
  return value => compare(value, operand)
}

function compare(value: JsonValue, operand: JsonValue): Truth {
  try {
    return areEqual(value, operand) ? HOLDS : FAILS
  } catch (error) {
    if (error instanceof InexactNumber) return BROKEN
    throw error
  }
}

/** A short list is read faster than a set is asked. */
const MAX_SCANNED = 12

function holdsIn(set: ReadonlySet<string>): (text: string) => boolean {
  return text => set.has(text)
}

function isOneOf(operand: JsonValue): Operate {
  if (!Array.isArray(operand)) return () => BROKEN
  const texts = operand.filter(item => typeof item === 'string')
  const others = operand.filter(item => typeof item !== 'string')
  const hasText = texts.length > MAX_SCANNED ? holdsIn(new Set(texts)) : (text: string) => texts.includes(text)
  const compareAll = (value: JsonValue): Truth => {
    for (const item of operand) {
      const truth = compare(value, item)
      if (truth !== FAILS) return truth
    }
    // A number that no double holds must not pass for one that is in no list, however short the list.
    return compare(value, value) === BROKEN ? BROKEN : FAILS
  }
  if (others.length > 0) return value => (typeof value === 'string' && hasText(value) ? HOLDS : compareAll(value))
  return value => (typeof value === 'string' ? (hasText(value) ? HOLDS : FAILS) : compareAll(value))
}

function compares(op: 'lt' | 'lte' | 'gt' | 'gte', operand: JsonValue, isText: boolean): Operate {
  const holds = {
    lt: (a: number | string, b: number | string) => a < b,
    lte: (a: number | string, b: number | string) => a <= b,
    gt: (a: number | string, b: number | string) => a > b,
    gte: (a: number | string, b: number | string) => a >= b,
  }[op]
  if (typeof operand !== (isText ? 'string' : 'number')) return () => BROKEN
  const bound = operand as number | string
  return value => {
    if (typeof value === typeof bound) return holds(value as number | string, bound) ? HOLDS : FAILS
    if (isText || !(value instanceof PreciseNumber)) return WRONG_TYPE
    return value.isExact ? (holds(value.value, bound) ? HOLDS : FAILS) : BROKEN
  }
}

/** A substring of a text, or an element of a list. A text never contains a number. */
function contains(operand: JsonValue): Operate {
  const isElement = equals(operand)
  return value => {
    if (typeof value === 'string') return typeof operand === 'string' && value.includes(operand) ? HOLDS : FAILS
    if (value instanceof PreciseNumber && !value.isExact) return BROKEN
    if (!Array.isArray(value)) return WRONG_TYPE
    let found: Truth = FAILS
    for (const item of value) {
      const truth = isElement(item)
      if (truth === BROKEN) return BROKEN
      if (truth === HOLDS) found = HOLDS
    }
    return found
  }
}

function textOperator(op: 'regex' | 'glob' | 'starts_with' | 'ends_with', operand: string): Operate {
  const test = textTest(op, operand)
  return value => {
    if (typeof value === 'string') return test(value)
    return value instanceof PreciseNumber && !value.isExact ? BROKEN : WRONG_TYPE
  }
}

function textTest(op: 'regex' | 'glob' | 'starts_with' | 'ends_with', operand: string): (text: string) => Truth {
  if (op === 'starts_with') return text => (text.startsWith(operand) ? HOLDS : FAILS)
  if (op === 'ends_with') return text => (text.endsWith(operand) ? HOLDS : FAILS)
  if (op === 'glob') {
    const matches = compileGlob(operand)
    return text => (isTooLong(operand, text) || faultOfPath(text) !== null ? BROKEN : matches(text) ? HOLDS : FAILS)
  }
  const pattern = compilePattern(operand)
  if ('fault' in pattern) return () => BROKEN
  return text => (text.length > MAX_PATTERN_SUBJECT ? BROKEN : pattern.test(text) ? HOLDS : FAILS)
}
