/** What stands in a record instead of a value that must not. */
export const MASK = '[masked]'

// One pass over the text looks for any of the prefixes; only where one is found are the exact shapes tried. The shapes are
// those of issuers' own documentation; each is linear (no nested repetition).
const PREFIX =
  /sk-|sk_|pk_|rk_|ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|xox[abeoprs]-|xapp-|AKIA|ASIA|AIza|ya29\.|eyJ|-----BEGIN|ik_|npm_|hf_|SG\.|dop_v1_|shpat_|lin_api_|ntn_|secret_|Bearer |Basic |:\/\/|whsec_|sq0|AccountKey=|key-/
const SHAPES: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{20,}/g,
  /\b[spr]k_(?:live|test)_[A-Za-z0-9]{16,}/g,
  /\bwhsec_[A-Za-z0-9+/=]{16,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{30,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{40,}/g,
  /\bglpat-[A-Za-z0-9_-]{20,}/g,
  /\b(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{35}/g,
  /\bya29\.[A-Za-z0-9_-]{20,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  /\bik_[a-z0-9]{8}_[A-Za-z0-9_-]{43}/g,
  /\bnpm_[A-Za-z0-9]{36}/g,
  /\bhf_[A-Za-z0-9]{30,}/g,
  /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g,
  /\bdop_v1_[a-f0-9]{64}/g,
  /\bshpat_[a-fA-F0-9]{32}/g,
  /\blin_api_[A-Za-z0-9]{30,}/g,
  /\b(?:ntn|secret)_[A-Za-z0-9]{40,}/g,
  /\bsq0[a-z]{3}-[A-Za-z0-9_-]{20,}/g,
  /\bkey-[a-f0-9]{32}\b/g,
  /\bAccountKey=[A-Za-z0-9+/=]{40,}/g,
  /\b(?:Bearer|Basic) [A-Za-z0-9._~+/-]{16,}=*/g,
  /(?<=:\/\/)[^\s/:@]{1,256}:[^\s/@]{1,256}(?=@)/g,
]

/** The text with every well-known secret in it replaced; the same string when there is none. */
export function maskSecrets(text: string): string {
  if (!PREFIX.test(text)) return text
  let masked = text
  for (const shape of SHAPES) masked = masked.replace(shape, MASK)
  return masked
}

// No plural of token: `max_tokens` is a count.
const SECRET_NAME =
  /^(?:.*[_-])?(?:pass(?:words?|wds?|phrases?)|secrets?|token|api[_-]?keys?|apikeys?|access[_-]?keys?|private[_-]?keys?|credentials?|authorization|cookies?|pin|otp|cvv|cvc)$/i

/** Whether a key's own name says that its value is a secret: `password`, `api_key`, `clientSecret`, `db_token`. */
export function isSecretName(name: string): boolean {
  return name.length <= 64 && SECRET_NAME.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2'))
}
