import type { Approval, Condition, Effect, Rule, Validation } from '../document'
import { secondsOf } from '../durations'
import { checkCondition } from './condition-check'
import type { WrittenCondition, WrittenRule } from './language'
import { readLimits } from './limit-check'
import { checkName, checkText } from './names-check'
import { readRedactions } from './redactions'
import type { Report } from './report'
import { nodeAt, type Path, pointerOf } from './source'

const DEFAULT_TIMEOUT_SECONDS = 1800
const DEFAULT_VALID_FOR_SECONDS = 600
const MAX_HOLD_SECONDS = 60

/** Makes the normal form of a rule whose shape is right, and reports what contradicts itself in it. */
export function normalizeRule(written: WrittenRule, entry: string, path: Path, report: Report): Rule {
  const node = nodeAt(report.root, path)
  const range = report.index.rangeOf(node.from, node.to)
  const name = written.name ?? `${entry}#${Number(path.at(-1)) + 1}`
  if (written.name !== undefined) checkName(written.name, [...path, 'name'], report)
  const conditions = readClause(written.conditions ?? [], 'conditions', path, report)
  checkContradictions(written, path, report)
  return {
    pointer: pointerOf(path),
    line: range.start.line,
    range,
    name,
    isNamed: written.name !== undefined,
    action: actionOf(written),
    when: written.when ? readClause(written.when, 'when', path, report) : null,
    conditions,
    validate: readValidation(written.validate),
    limits: readLimits({ written, entry, conditions, path }, report),
    approval: readApproval(written, path, report),
    reason: readReason(written, path, report),
    redact: readRedactions(written.redact ?? [], [...path, 'redact'], report),
    mode: written.mode ?? 'enforce',
  }
}

function actionOf({ action }: WrittenRule): Effect | null {
  return action === undefined || action === 'evaluate' ? null : action
}

function readClause(
  written: readonly WrittenCondition[],
  clause: 'when' | 'conditions',
  path: Path,
  report: Report,
): readonly Condition[] {
  return written.map((condition, index) => checkCondition(condition, [...path, clause, index], clause, report))
}

function readValidation(written: WrittenRule['validate']): Validation | null {
  if (!written) return null
  const validation = {
    requiredArgs: written.required_args ?? false,
    schema: written.schema ?? false,
    unknownArgs: written.unknown_args === 'deny',
    maxBytes: written.max_bytes ?? null,
  }
  const asksNothing =
    !validation.requiredArgs && !validation.schema && !validation.unknownArgs && validation.maxBytes === null
  return asksNothing ? null : validation
}

function readApproval(written: WrittenRule, path: Path, report: Report): Approval | null {
  if (written.action !== 'require_approval') {
    if (written.approval) {
      const message = '`approval` belongs to `action: require_approval`.'
      report.error({ code: 'approval_without_action', message, path: [...path, 'approval'], atKey: true })
    }
    return null
  }
  const seconds = (value: string | number | undefined, otherwise: number) =>
    value === undefined ? otherwise : (secondsOf(value) ?? otherwise)
  const holdSeconds = seconds(written.approval?.hold, 0)
  if (holdSeconds > MAX_HOLD_SECONDS) {
    report.error({
      code: 'hold_too_long',
      message: 'A call is held open for at most 60 seconds.',
      path: [...path, 'approval', 'hold'],
    })
  }
  return {
    timeoutSeconds: seconds(written.approval?.timeout, DEFAULT_TIMEOUT_SECONDS),
    validForSeconds: seconds(written.approval?.valid_for, DEFAULT_VALID_FOR_SECONDS),
    holdSeconds,
  }
}

function readReason(written: WrittenRule, path: Path, report: Report): string | null {
  if (written.reason !== undefined && written.on_deny !== undefined) {
    const message = '`reason` and `on_deny` are the same: keep one.'
    report.error({ code: 'two_reasons', message, path: [...path, 'on_deny'], atKey: true })
  }
  const reason = written.reason ?? written.on_deny ?? ''
  checkText(reason, [...path, written.reason === undefined ? 'on_deny' : 'reason'], report)
  if (reason.trim() !== '') return reason
  if (written.action === 'deny') {
    const fix = report.insertion('Say why', path, 'action', 'reason: Say what is not allowed, and what to do instead.')
    const message = "Without a `reason` the agent is told only the rule's name."
    report.inform({ code: 'missing_reason', message, path, ...(fix ? { fix } : {}) })
  }
  return null
}

function checkContradictions(written: WrittenRule, path: Path, report: Report): void {
  const conditions = written.conditions?.length ?? 0
  if (written.when?.length === 0) {
    report.error({
      code: 'empty_when',
      message: '`when` is empty: leave it out where the rule always speaks.',
      path: [...path, 'when'],
      atKey: true,
    })
  }
  if (conditions > 0 && (written.action === 'deny' || written.action === 'require_approval')) {
    const at = [...path, 'conditions']
    const message = `\`conditions\` allow or constrain; a rule that ${written.action === 'deny' ? 'denies' : 'asks a person'} is triggered by \`when\`.`
    const fix = written.when ? {} : { fix: report.replacement('Write when', at, 'when', true) }
    report.error({ code: 'conditions_on_refusal', message, path: at, atKey: true, ...fix })
  }
  const { action, when, validate, rate_limit, state } = written
  const asks = (action !== undefined && action !== 'evaluate') || when || validate || rate_limit !== undefined || state
  if (!asks && conditions === 0) {
    const message = 'The rule says nothing: it has no action, when, conditions, validate, rate_limit or state.'
    report.error({ code: 'empty_rule', message, path })
  } else if (
    when &&
    (action ?? 'evaluate') === 'evaluate' &&
    conditions === 0 &&
    !validate &&
    rate_limit === undefined &&
    !state &&
    !written.redact
  ) {
    report.warn({
      code: 'rule_without_effect',
      message: 'The rule has a trigger and nothing to do: write an action or conditions.',
      path,
    })
  }
}
