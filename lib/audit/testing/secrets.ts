import { randomBytes } from 'node:crypto'

/** A key or token of a well-known shape that opens nothing, and two parts of it that no other text has. */
export interface FakeSecret {
  readonly issuer: string
  readonly text: string
  /** Near its begin and its end, so that a part of it is found too. */
  readonly needles: readonly string[]
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const alphabets = {
  any: `${LETTERS}${LETTERS.toUpperCase()}0123456789`,
  hex: '0123456789abcdef',
  capitals: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
}

function draw(length: number, of: keyof typeof alphabets = 'any'): string {
  const alphabet = alphabets[of]
  return Array.from(randomBytes(length), byte => alphabet[byte % alphabet.length]).join('')
}

const NEEDLE = 10

/** One of each shape, drawn anew. */
export function fakeSecrets(): FakeSecret[] {
  const made: FakeSecret[] = []
  const add = (issuer: string, before: string, length: number, of?: keyof typeof alphabets, after = '') => {
    const body = draw(length, of)
    made.push({ issuer, text: before + body + after, needles: [body.slice(0, NEEDLE), body.slice(-NEEDLE)] })
  }
  add('OpenAI', 'sk-proj-', 48)
  add('Anthropic', 'sk-ant-api03-', 80)
  add('Groq', 'gsk_', 52)
  add('xAI', 'xai-', 80)
  add('Perplexity', 'pplx-', 48)
  add('Replicate', 'r8_', 37)
  add('Hugging Face', 'hf_', 34)
  add('Stripe', 'sk_live_', 24)
  add('Stripe, restricted', 'rk_live_', 24)
  add('Stripe, webhooks', 'whsec_', 32)
  add('Square', 'sq0csp-', 43)
  add('Shopify', 'shpat_', 32, 'hex')
  for (const kind of 'pousr') add(`GitHub gh${kind}`, `gh${kind}_`, 36)
  add('GitHub, fine-grained', 'github_pat_11', 80)
  add('GitLab', 'glpat-', 20)
  add('GitLab, runners', 'glrt-', 20)
  add('Atlassian', 'ATATT3', 60)
  add('npm', 'npm_', 36)
  add('PyPI', 'pypi-AgEIcHlwaS5vcmc', 70)
  add('RubyGems', 'rubygems_', 48, 'hex')
  add('Docker', 'dckr_pat_', 27)
  add('Buildkite', 'bkua_', 40, 'hex')
  add('AWS', 'AKIA', 16, 'capitals')
  add('AWS, sessions', 'ASIA', 16, 'capitals')
  add('AWS, secret', 'aws_secret_access_key = ', 40)
  add('Google', 'AIza', 35)
  add('Google, OAuth', 'ya29.', 60)
  add('Google, client', 'GOCSPX-', 28)
  add('Azure', 'DefaultEndpointsProtocol=https;AccountKey=', 86, 'any', '==')
  add('DigitalOcean', 'dop_v1_', 64, 'hex')
  add('Databricks', 'dapi', 32, 'hex')
  add('PlanetScale', 'pscale_tkn_', 43)
  add('Supabase', 'sbp_', 40, 'hex')
  add('Heroku', 'HRKU-', 60)
  add('Tailscale', 'tskey-auth-', 40)
  add('Vault', 'hvs.', 90)
  add('Terraform', `${draw(14)}.atlasv1.`, 67)
  add('Doppler', 'dp.pt.', 43)
  add('Grafana', 'glsa_', 41)
  add('New Relic', 'NRAK-', 27, 'capitals')
  add('Sentry', 'sntrys_', 80)
  add('Dynatrace', `dt0c01.${draw(24, 'capitals')}.`, 64, 'capitals')
  for (const kind of 'abeoprs') add(`Slack xox${kind}`, `xox${kind}-`, 40)
  add('Slack, apps', 'xapp-1-', 60)
  add('Slack, webhooks', 'https://hooks.slack.com/services/T0000/B0000/', 24)
  add('Telegram', '123456789:AA', 33)
  add('SendGrid', `SG.${draw(22)}.`, 43)
  add('Mailgun', 'key-', 32, 'hex')
  add('Brevo', `xkeysib-${draw(64, 'hex')}-`, 16)
  add('Linear', 'lin_api_', 40)
  add('Notion', 'ntn_', 46)
  add('Notion, older', 'secret_', 43)
  add('Figma', 'figd_', 40)
  add('Postman', `PMAK-${draw(24, 'hex')}-`, 34, 'hex')
  add('JWT', `eyJhbGciOiJIUzI1NiJ9.eyJ${draw(30)}.`, 43)
  add('PEM', '-----BEGIN PRIVATE KEY-----\n', 64, 'any', '\n-----END PRIVATE KEY-----')
  add('age', 'AGE-SECRET-KEY-1', 58, 'capitals')
  add('Bearer', 'Bearer ', 40)
  add('Basic', 'Basic ', 40)
  add('in an address', 'postgres://app:', 30, 'any', '@db.example/x')
  add('in a connection string', 'Server=db;Password=', 30, 'any', ';')
  add('Intercept', `ik_${draw(8, 'hex')}_`, 43)
  return made
}
