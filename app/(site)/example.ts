// One example, shown all over the landing page. A test asks the kernel what it decides, so the page cannot drift from it.

/** The server's policy. Its lines are cited by number. */
export const policyText = `timezone: Europe/Paris
default: deny
tools:
  workflow_status:
    rules:
      - action: allow
  workflow_interact:
    rules:
      - action: allow
        rate_limit: { max: 10, window: 60 }
        validate: { required_args: true }
      - name: queries only after hours
        action: deny
        when:
          - { path: args.action, op: neq, value: query }
          - path: request.hour
            op: not_in
            value: [9, 10, 11, 12, 13, 14, 15, 16]
        reason: After hours, queries only.
`

/** The rule that refuses, with the lines that the page shows. */
export const ruleName = 'queries only after hours'
export const ruleLine = 12
export const ruleText = policyText.split('\n').slice(ruleLine - 1, -1)

export const server = 'mistral'
export const tool = 'workflow_interact'

/** 18:04:12 in Paris. */
export const calledAt = '2026-11-20T17:04:12.366Z'

export const callArguments = { action: 'signal', executionId: 'exec_01JD3V9QK2', name: 'release-hold' }

export const reasonText = 'After hours, queries only.'

const recordId = '0193f1c2-7a4e-7c31-b5d0-2e9f6a81c4d7'

/** What the agent gets back, in the form of every refusal. */
export const refusal = {
  content: [{ type: 'text', text: `[INTERCEPT POLICY DENIED] ${reasonText}` }],
  isError: true,
  _meta: { 'intercept/decision': { id: recordId, code: 'policy_denied', rule: ruleName, revision: 'r184' } },
}
