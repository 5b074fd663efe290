import { SECRET_RULES } from './secret-rules'

/** What stands in a record instead of a value that must not. */
export const MASK = '[masked]'

// One pass over the text looks for any literal; only where one is found are the exact shapes of those tried.
const LITERALS = SECRET_RULES.flatMap(([literals]) => literals)
const PREFIX = new RegExp(LITERALS.map(literal => literal.replaceAll('.', '\\.')).join('|'))

/** Whether a text has a literal that well-known secrets have; where it has none, it holds none of them. */
export function mayHoldSecret(text: string): boolean {
  return PREFIX.test(text)
}

/** The text with every well-known secret in it replaced; the same string when there is none. */
export function maskSecrets(text: string): string {
  if (!mayHoldSecret(text)) return text
  let masked = text
  for (const [literals, shape] of SECRET_RULES)
    if (literals.some(literal => text.includes(literal))) masked = masked.replace(shape, MASK)
  return masked
}

// No plural of token: `max_tokens` is a count.
const SECRET_NAME =
  /^(?:.*[_-])?(?:pass(?:words?|wds?|phrases?)|secrets?|token|api[_-]?keys?|apikeys?|access[_-]?keys?|private[_-]?keys?|credentials?|authorization|cookies?|pin|otp|cvv|cvc)$/i

const MAX_NAME_LENGTH = 64
const MAX_KEPT_NAMES = 4_096
const keptNames = new Map<string, boolean>()

/** Whether a key's own name says that its value is a secret: `password`, `api_key`, `clientSecret`, `db_token`. */
export function isSecretName(name: string): boolean {
  if (name.length > MAX_NAME_LENGTH) return false
  // The names of a tool's arguments come with each call.
  const kept = keptNames.get(name)
  if (kept !== undefined) return kept
  const isSecret = SECRET_NAME.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2'))
  if (keptNames.size < MAX_KEPT_NAMES) keptNames.set(name, isSecret)
  return isSecret
}
