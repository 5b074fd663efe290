import type { Code, EvaluationError, Obligation, Reason } from '../decision'
import type { Effect } from '../document'
import type { Context } from './context'
import { explainApproval, explainErrors, explainFailure } from './explain'
import type { Failure, Judgement } from './judge'

export interface Outcome {
  readonly effect: Effect
  readonly code: Code | null
  readonly rule: string
  readonly message: string
  readonly reasons: readonly Reason[]
  readonly obligations: readonly Obligation[]
  readonly errors: readonly EvaluationError[]
}

const NO_ERRORS: readonly EvaluationError[] = []
const NONE: readonly Obligation[] = []

/** Any failure denies; else a rule that asks a person does; else the call is allowed. */
export function decideOf(judgement: Judgement, context: Context, redact: readonly string[]): Outcome {
  const { failures, approvals } = judgement
  const redaction = redactObligation(judgement, redact)
  if (failures.length > 0) return denied(failures, context, redact, redaction)
  const [first] = approvals
  if (first) {
    const reasons = approvals.map(compiled => explainApproval(compiled, context, redact))
    const { rule, message } = reasons[0] as Reason
    const obligations = [...duties(judgement), ...approvals.flatMap(({ approve }) => approve ?? []), ...redaction]
    return {
      effect: 'require_approval',
      code: 'approval_required',
      rule,
      message,
      reasons,
      obligations,
      errors: NO_ERRORS,
    }
  }
  const reasons = judgement.openings
  const obligations = duties(judgement)
  if (redaction.length > 0) obligations.push(...redaction)
  return {
    effect: 'allow',
    code: null,
    rule: reasons[0]?.rule ?? '',
    message: '',
    reasons,
    obligations,
    errors: NO_ERRORS,
  }
}

function denied(
  failures: readonly Failure[],
  context: Context,
  redact: readonly string[],
  redaction: readonly Obligation[],
): Outcome {
  const reasons = failures.map(failure => explainFailure(failure, context, redact))
  const errors = failures.flatMap(({ code, compiled }) =>
    code === 'policy_error' && compiled ? explainErrors(compiled, context) : [],
  )
  const { code, rule, message } = reasons[0] as Reason
  return { effect: 'deny', code, rule, message, reasons, obligations: redaction, errors }
}

function duties({ speaking, limits }: Judgement): Obligation[] {
  const obligations: Obligation[] = []
  for (const { validate } of speaking) if (validate) obligations.push(validate)
  for (const limit of limits) if (!limit.isShadow) obligations.push(limit)
  return obligations
}

function redactObligation({ speaking }: Judgement, redact: readonly string[]): readonly Obligation[] {
  let paths = redact
  for (const { rule } of speaking) if (rule.redact.length > 0) paths = [...paths, ...rule.redact]
  return paths.length === 0 ? NONE : [{ kind: 'redact', paths: [...new Set(paths)] }]
}
