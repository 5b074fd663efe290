import type { Condition } from '../document'
import type { JsonValue } from '../json/value'
import { type ParsedPath, parsePath } from '../paths'
import type { Context } from './context'
import { BROKEN, FAILS, HOLDS, type Operate, operatorOf, type Truth, WRONG_TYPE } from './operators'
import { ownValueAt, type Resolve, resolverOf } from './resolve-path'

export type Clause = 'when' | 'conditions'

/** FAILS, HOLDS, or BROKEN: the rule's doubt is settled here by what the clause makes of it. */
export type Test = (context: Context) => Truth

/** Reads a `state.` path; undefined when the counter was not given. */
export type ReadCounter = (path: string) => Resolve

/** One condition, ready to run and to be explained. */
export interface CompiledCondition {
  readonly condition: Condition
  readonly clause: Clause
  readonly parsed: ParsedPath
  readonly resolve: Resolve
  readonly test: Test
}

/** Makes the closure of a condition. A path that is none breaks it. */
export function compileCondition(
  condition: Condition,
  clause: Clause,
  zone: string,
  readCounter: ReadCounter,
): CompiledCondition {
  const found = parsePath(condition.path)
  const parsed: ParsedPath = 'fault' in found ? { root: 'state', steps: [] } : found
  const operate = operatorOf(condition)
  if ('fault' in found) return { condition, clause, parsed, resolve: () => undefined, test: () => BROKEN }
  const star = parsed.root === 'args' ? parsed.steps.indexOf('*') : -1
  if (star >= 0) return compileOverList(condition, clause, parsed, operate)
  const resolve = parsed.root === 'state' ? readCounter(condition.path) : resolverOf(parsed, zone)
  const missing = truthOfMissing(condition, clause, parsed)
  const wrongType = truthOfWrongType(clause)
  return {
    condition,
    clause,
    parsed,
    resolve,
    test: context => {
      const value = resolve(context)
      if (value === undefined) return missing
      const truth = operate(value)
      return truth === WRONG_TYPE ? wrongType : truth
    },
  }
}

/** In `when`, doubt must not silence a rule; in `conditions`, doubt denies: the condition fails. */
function truthOfWrongType(clause: Clause): Truth {
  return clause === 'when' ? BROKEN : FAILS
}

/** What a missing path means. A counter that was not given, or a clock that cannot be read, breaks the condition. */
function truthOfMissing({ op, value }: Condition, clause: Clause, { root }: ParsedPath): Truth {
  if (root === 'state' || root === 'request') return BROKEN
  if (op === 'exists') return value === false ? HOLDS : FAILS
  if (clause === 'conditions') return FAILS
  if (root === 'tool') return BROKEN
  return op === 'neq' || op === 'not_in' ? HOLDS : FAILS
}

/** A path with `*`: in `conditions` all elements must pass, in `when` any suffices; an element in doubt outweighs both. */
function compileOverList(
  condition: Condition,
  clause: Clause,
  parsed: ParsedPath,
  operate: Operate,
): CompiledCondition {
  const missing = truthOfMissing(condition, clause, parsed)
  const settle = (truth: Truth) => (truth === WRONG_TYPE ? truthOfWrongType(clause) : truth)
  const overList = (value: JsonValue | undefined, steps: readonly string[]): Truth => {
    const star = steps.indexOf('*')
    if (star < 0) {
      const found = ownValueAt(value, steps)
      return found === undefined ? missing : settle(operate(found))
    }
    const list = ownValueAt(value, steps.slice(0, star))
    if (list === undefined) return missing
    if (!Array.isArray(list)) return settle(WRONG_TYPE)
    return combine(
      list.map(item => overList(item, steps.slice(star + 1))),
      clause,
    )
  }
  return {
    condition,
    clause,
    parsed,
    resolve: ({ call }) => ownValueAt(call.args, parsed.steps.slice(0, parsed.steps.indexOf('*'))),
    test: ({ call }) => overList(call.args, parsed.steps),
  }
}

function combine(truths: readonly Truth[], clause: Clause): Truth {
  if (truths.includes(BROKEN)) return BROKEN
  const passes = clause === 'when' ? truths.includes(HOLDS) : truths.every(truth => truth === HOLDS)
  return passes ? HOLDS : FAILS
}

/** All must hold. A broken one outweighs one that fails, so that doubt never silences a rule. */
export function allOf(conditions: readonly CompiledCondition[]): Test {
  const tests = conditions.map(({ test }) => test)
  const [only] = tests
  if (tests.length === 1 && only) return only
  return context => {
    let result: Truth = HOLDS
    for (const test of tests) {
      const truth = test(context)
      if (truth === BROKEN) return BROKEN
      if (truth === FAILS) result = FAILS
    }
    return result
  }
}
