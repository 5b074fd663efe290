import type { ConditionReason, EvaluationError, Reason } from '../decision'
import { PreciseNumber } from '../json/precise-number'
import type { JsonValue } from '../json/value'
import { isJsonObject } from '../json/value'
import { writeJson } from '../json/write'
import { kindOfName } from '../names'
import type { CompiledCondition } from './compile-condition'
import type { CompiledRule } from './compiled-policy'
import type { Context } from './context'
import { faultOfPath } from './glob-value'
import type { Failure } from './judge'
import { BROKEN, HOLDS } from './operators'

/** Longest value that a reason repeats, in characters of JSON. */
const MAX_SHOWN = 500

/** The reason that stands in the record for a failure. */
export function explainFailure(failure: Failure, context: Context, redact: readonly string[]): Reason {
  const { code, reference, compiled, detail } = failure
  const conditions = compiled ? explainConditions(compiled, context, redact) : []
  return {
    ...reference,
    effect: 'deny',
    code,
    message: messageOf(failure, context),
    ...(detail !== null && compiled?.rule.reason ? { detail } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
  }
}

/** The reason of a rule that asks a person. */
export function explainApproval(compiled: CompiledRule, context: Context, redact: readonly string[]): Reason {
  const { reference, rule } = compiled
  const conditions = explainConditions(compiled, context, redact)
  return {
    ...reference,
    effect: 'require_approval',
    code: 'approval_required',
    message: rule.reason ?? `Approval required by rule "${rule.name}"`,
    ...(conditions.length > 0 ? { conditions } : {}),
  }
}

function messageOf(failure: Failure, context: Context): string {
  const { code, compiled, detail } = failure
  const { name } = context.call.tool
  if (code === 'hidden') return `${sayName(name)} is hidden by policy`
  if (code === 'default_deny') return `${sayName(name)} is not permitted by policy`
  const ruleName = compiled?.rule.name ?? failure.reference.rule
  if (code === 'policy_error') {
    const [error] = compiled ? explainErrors(compiled, context) : []
    return error?.message ?? `Rule "${ruleName}" cannot be decided: ${detail ?? 'it is not well formed'}`
  }
  if (compiled?.rule.reason) return compiled.rule.reason
  return `Denied by rule "${ruleName}"${detail === null ? '' : `: ${detail}`}`
}

function sayName(name: string): string {
  const kind = kindOfName(name)
  if (kind === 'tool') return `Tool "${name}"`
  const rest = name.slice(name.indexOf('/') + 1)
  return `${{ resource: 'Resource', prompt: 'Prompt', server: 'Server request' }[kind]} "${rest}"`
}

function explainConditions(
  { parts, rule }: CompiledRule,
  context: Context,
  redact: readonly string[],
): ConditionReason[] {
  return parts.map(part => {
    const { condition, clause } = part
    const { path, op, value: needs } = condition
    const truth = part.test(context)
    const found = part.resolve(context)
    const isRedacted = [...redact, ...rule.redact].some(redacted => overlaps(redacted, path))
    const was = found === undefined ? {} : { was: isRedacted ? '[redacted]' : shown(found) }
    const error = truth === BROKEN ? { error: sayDoubt(part, found).message } : {}
    return { clause, path, op, needs, ...was, holds: truth === HOLDS, ...error }
  })
}

/** What could not be decided in a rule, by path and type. */
export function explainErrors(compiled: CompiledRule, context: Context): EvaluationError[] {
  const { reference, parts, rule } = compiled
  return parts
    .filter(part => part.test(context) === BROKEN)
    .map(part => {
      const { message, type } = sayDoubt(part, part.resolve(context))
      return {
        ...reference,
        path: part.condition.path,
        type,
        message: `Rule "${rule.name}" cannot be decided: ${message}`,
      }
    })
}

function sayDoubt(
  { condition, parsed }: CompiledCondition,
  value: JsonValue | undefined,
): { message: string; type: string } {
  const { path, op } = condition
  if (value === undefined)
    return {
      type: 'missing',
      message: `${path} is missing${parsed.root === 'state' ? ': its counter was not read' : ''}`,
    }
  const type = typeOf(value)
  if (parsed.steps.includes('*'))
    return { type, message: `${path} has an element (or is a ${type}) that ${op} cannot take` }
  if (op === 'glob' && typeof value === 'string') {
    const fault = faultOfPath(value)
    if (fault) return { type, message: `${path} is ${fault}, which glob does not judge` }
  }
  if ((op === 'regex' || op === 'glob') && typeof value === 'string')
    return { type, message: `${path} is a string that is too long for a pattern` }
  if (value instanceof PreciseNumber) return { type, message: `${path} is a number that cannot be held exactly` }
  return { type, message: `${path} is ${type === 'object' ? 'an' : 'a'} ${type}, which ${op} cannot take` }
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (value instanceof PreciseNumber) return 'number'
  return isJsonObject(value) ? 'object' : typeof value
}

/** Whether one path is, holds, or lies in the other. */
function overlaps(redacted: string, path: string): boolean {
  const one = redacted.split('.')
  const other = path.split('.')
  const length = Math.min(one.length, other.length)
  for (let i = 0; i < length; i++) if (one[i] !== other[i] && one[i] !== '*' && other[i] !== '*') return false
  return true
}

function shown(value: JsonValue): JsonValue {
  const text = writeJson(value)
  return text.length <= MAX_SHOWN ? value : `${text.slice(0, MAX_SHOWN)}…`
}
