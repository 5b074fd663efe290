import { type JsonObject, kindOfName } from '@/lib/policy'
import type { CallDecision, RecordCode } from './call-decision'

/** What a refused caller is told (DESIGN §5). */
export interface Denial {
  readonly text: string
  readonly decision: JsonObject
  readonly isUnavailable: boolean
}

// What the caller may not see answers alike; the record keeps which it was.
const UNSEEN: ReadonlySet<RecordCode | null> = new Set<RecordCode>([
  'hidden',
  'no_grant',
  'unknown_tool',
  'not_available',
])
/** JSON-RPC codes outside the reserved range; 403 and a number of our own. */
const REFUSED = 40_301
const NOT_FOUND = -32_002
const INVALID_PARAMS = -32_602

/**
 * @param id the record's
 * @param asked what was asked for; a name of null when nothing was named
 * @param revision number of the bundle that decided
 */
export function denialOf(
  decision: CallDecision,
  id: string,
  asked: { readonly method: string; readonly name: string | null },
  revision: number | null,
): Denial {
  if (UNSEEN.has(decision.code)) {
    const text = `${subject(asked.method, asked.name)} is not available.`
    return { text, decision: { id, code: 'not_available' }, isUnavailable: true }
  }
  const rule = decision.reasons[0]?.rule
  const told = {
    id,
    code: decision.code ?? 'policy_denied',
    ...(rule ? { rule } : {}),
    ...(revision === null ? {} : { revision: `r${revision}` }),
    ...(decision.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: decision.retryAfterSeconds }),
  }
  return { text: decision.message, decision: told, isUnavailable: false }
}

/** What is counted and not recorded singly has no record to be named by. */
export function denialOfCounted(decision: CallDecision, asked: Parameters<typeof denialOf>[2]): Denial {
  const denial = denialOf(decision, '', asked, null)
  const { id: _id, ...told } = denial.decision
  return { ...denial, decision: told }
}

/** A refused tool call is a normal result, so that any agent can read it and any client can tell it apart. */
export function denialAsToolResult({ text, decision }: Denial): JsonObject {
  return {
    content: [{ type: 'text', text: `[INTERCEPT POLICY DENIED] ${text}` }],
    isError: true,
    _meta: { 'intercept/decision': decision },
  }
}

/** Everything that is not a tool call has no result to say no in: a JSON-RPC error with the same content. */
export function denialAsError({ text, decision, isUnavailable }: Denial, name: string | null): JsonObject {
  const data = { 'intercept/decision': decision }
  if (!isUnavailable) return { code: REFUSED, message: `[INTERCEPT POLICY DENIED] ${text}`, data }
  const isResource = name !== null && kindOfName(name) === 'resource'
  return { code: isResource ? NOT_FOUND : INVALID_PARAMS, message: text, data }
}

function subject(method: string, name: string | null): string {
  if (name === null) return `The method "${method}"`
  if (method === 'tools/call') return `Tool "${name}"`
  const kind = kindOfName(name)
  const own = name.slice(name.indexOf('/') + 1)
  if (kind === 'resource') return `Resource "${own}"`
  if (kind === 'prompt') return `Prompt "${own}"`
  return `Request "${own}"`
}
