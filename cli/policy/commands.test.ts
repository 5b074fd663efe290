import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')

const POLICY = `# kept
default: deny
tools:
  workflow_interact:
    rules:
      - name: few
        action: allow
        rate_limit: { max: 2, window: 60 }
        validate: { required_args: true }
tests:
  - { name: a query passes, call: workflow_interact, args: { action: query, executionId: e }, expect: allow }
  - { name: a third call is too many, call: workflow_interact, args: { action: query, executionId: e }, calls_before: 2, expect: { effect: deny, code: rate_limited } }
`
const TOOLS = {
  tools: [{ name: 'workflow_interact', inputSchema: { type: 'object', required: ['action', 'executionId'] } }],
}
const CALL = { at: '2026-01-05T12:00:00Z', tool: 'workflow_interact', args: { action: 'query', executionId: 'e' } }

let folder = ''
const at = (name: string) => path.join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'intercept-'))
  writeFileSync(at('policy.yaml'), POLICY)
  writeFileSync(at('tools.json'), JSON.stringify(TOOLS))
  writeFileSync(at('refused.yaml'), 'default: deny\ntools:\n  t:\n    rules:\n      - acton: deny\n')
  writeFileSync(at('failing.yaml'), POLICY.replace('calls_before: 2', 'calls_before: 1'))
  writeFileSync(at('latin1.yaml'), Buffer.from([0x64, 0xe9]))
  writeFileSync(at('huge.yaml'), `description: ${'x'.repeat(5_000_000)}`)
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

function intercept(words: readonly string[], input = ''): Promise<Outcome> {
  const child = spawn(process.execPath, [path.join(ROOT, 'cli/intercept.mjs'), ...words], { cwd: ROOT })
  const outcome: Outcome = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', chunk => {
    outcome.stdout += chunk
  })
  child.stderr.on('data', chunk => {
    outcome.stderr += chunk
  })
  child.stdin.on('error', () => {
    // A command that refuses its policy never reads the calls.
  })
  child.stdin.end(input)
  return new Promise(resolve => child.on('close', code => resolve({ ...outcome, code })))
}

const lines = (text: string) => text.trim().split('\n')

describe('intercept eval', () => {
  it('decides each line, with counters from line to line and the clock at `at`', async () => {
    const calls = [CALL, CALL, CALL, { ...CALL, args: { action: 'query' } }, { ...CALL, at: '2026-01-05T12:01:00Z' }]
    const input = `${calls.map(call => JSON.stringify(call)).join('\n')}\n\n`
    const { code, stdout } = await intercept(
      ['eval', '--policy', at('policy.yaml'), '--tools', at('tools.json'), '--calls', '-'],
      input,
    )
    expect(code).toBe(0)
    const decisions = lines(stdout).map(line => JSON.parse(line))
    expect(decisions.map(({ effect, code }) => [effect, code])).toEqual([
      ['allow', null],
      ['allow', null],
      ['deny', 'rate_limited'],
      ['deny', 'invalid_arguments'],
      ['allow', null],
    ])
    expect(Object.keys(decisions[0])).toEqual([
      'effect',
      'code',
      'rule',
      'message',
      'reasons',
      'obligations',
      'revision',
    ])
    expect(new Set(decisions.map(({ revision }) => revision)).size).toBe(1)
  })

  it('knows the category that a scan would guess, and denies where there is none', async () => {
    writeFileSync(
      at('category.yaml'),
      'default: allow\ntools: { "*": { rules: [{ action: deny, when: [{ path: tool.category, op: eq, value: Destructive }] }] } }',
    )
    writeFileSync(
      at('two.json'),
      JSON.stringify([
        { name: 'list_files', inputSchema: {} },
        { name: 'delete_file', inputSchema: {} },
      ]),
    )
    const input = ['list_files', 'delete_file', 'other'].map(tool => JSON.stringify({ ...CALL, tool })).join('\n')
    const { stdout } = await intercept(
      ['eval', '--policy', at('category.yaml'), '--tools', at('two.json'), '--calls', '-'],
      input,
    )
    expect(lines(stdout).map(line => JSON.parse(line).code)).toEqual([null, 'policy_denied', 'policy_error'])
  })

  it('has nothing to validate against where a tool has no schema, and takes a byte order mark for no call', async () => {
    writeFileSync(
      at('schema.yaml'),
      'default: deny\ntools: { "?": { rules: [{ name: v, validate: { schema: true } }] } }',
    )
    writeFileSync(at('bare.json'), JSON.stringify([{ name: 'a' }, { name: 'b', inputSchema: { type: 'object' } }]))
    const input = `\ufeff${['a', 'b', 'c'].map(tool => JSON.stringify({ ...CALL, tool })).join('\n')}`
    const { stdout } = await intercept(
      ['eval', '--policy', at('schema.yaml'), '--tools', at('bare.json'), '--calls', '-'],
      input,
    )
    expect(lines(stdout).map(line => JSON.parse(line).code)).toEqual(['invalid_arguments', null, 'invalid_arguments'])
  })

  it.each([
    ['refused.yaml', 'unknown_key', 5],
    ['latin1.yaml', 'not_utf8', 1],
    ['huge.yaml', 'text_too_long', 1],
  ])('refuses %s with its diagnostics as JSON', async (file, diagnostic, line) => {
    const { code, stdout } = await intercept(['eval', '--policy', at(file), '--calls', '-'], JSON.stringify(CALL))
    expect(code).toBe(2)
    const { diagnostics } = JSON.parse(stdout)
    expect(diagnostics).toContainEqual(
      expect.objectContaining({
        code: diagnostic,
        range: expect.objectContaining({ start: expect.objectContaining({ line }) }),
      }),
    )
  })

  it.each([
    ['{"at":"2026-01-05T12:00:00Z","tool":"t","args":{"a":1,"a":2}}', 'line 1 is no JSON'],
    ['{"at":"now","tool":"t"}', '"at" must be a time'],
    ['{"at":0}', '"tool" must be'],
    ['{"at":0,"tool":"t","args":[]}', '"args" must be an object'],
    ['{"at":0,"tool":"t","identity":{"groups":"x"}}', 'identity.groups'],
    ['[]', 'no JSON object'],
  ])('says what is wrong with %s', async (input, message) => {
    const { code, stderr } = await intercept(['eval', '--policy', at('policy.yaml'), '--calls', '-'], input)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

describe('the other policy commands', () => {
  it('validate finds errors by line and column', async () => {
    const { code, stdout } = await intercept(['validate', at('policy.yaml'), at('refused.yaml')])
    expect(code).toBe(1)
    expect(stdout).toContain('refused.yaml:5:9 error unknown_key Unknown key "acton". Did you mean "action"?')
    expect(stdout).toContain('policy.yaml: fit to publish')
    const json = await intercept(['validate', '--json', at('policy.yaml')])
    expect(json.code).toBe(0)
    expect(JSON.parse(json.stdout)).toMatchObject([{ ok: true, diagnostics: [{ code: 'per_session' }] }])
    expect((await intercept(['validate', '--strict', at('policy.yaml')])).code).toBe(1)
    expect((await intercept(['validate', at('absent.yaml')])).code).toBe(2)
  })

  it('test runs what is written', async () => {
    const passing = await intercept(['test', at('policy.yaml'), '--tools', at('tools.json')])
    expect([passing.code, lines(passing.stdout).at(-1)]).toEqual([0, `${at('policy.yaml')}: 2 of 2 pass`])
    const failing = await intercept(['test', '--json', at('failing.yaml'), '--tools', at('tools.json')])
    expect(failing.code).toBe(1)
    expect(JSON.parse(failing.stdout)[0].tests[1]).toMatchObject({ passed: false, effect: 'allow' })
    expect((await intercept(['test', at('refused.yaml')])).code).toBe(2)
  })

  it('fmt keeps comments and is its own fixed point', async () => {
    const { code, stdout } = await intercept(['fmt', at('policy.yaml')])
    expect(code).toBe(0)
    expect(stdout).toContain('# kept')
    writeFileSync(at('formatted.yaml'), stdout)
    expect((await intercept(['fmt', '--check', at('formatted.yaml')])).code).toBe(0)
    writeFileSync(at('loose.yaml'), 'tools: {t: null}\ndefault: deny\n')
    expect((await intercept(['fmt', '--check', at('loose.yaml')])).code).toBe(1)
    expect((await intercept(['fmt', '--write', at('loose.yaml')])).code).toBe(0)
    expect(readFileSync(at('loose.yaml'), 'utf8')).toBe('default: deny\ntools:\n  t: null\n')
  })

  it('import prints the translation, and refuses what cannot be said', async () => {
    writeFileSync(
      at('d.json'),
      '{"version":"1","default":"deny","tools":{"t":{"deny_if":[{"path":"args.a","op":"gt","value":5}]}}}',
    )
    const { code, stdout, stderr } = await intercept(['import', at('d.json')])
    expect([code, stderr.includes('dialect D'), stdout.includes('action: deny')]).toEqual([0, true, true])
    writeFileSync(at('d2.json'), '{"version":"1","default":"deny","tools":{"t":{"deny_if":[],"allow_if":[]}}}')
    expect((await intercept(['import', '--json', at('d2.json')])).code).toBe(1)
    expect((await intercept(['import', '--from', 'Z', at('d.json')])).code).toBe(2)
  })

  it('schema prints JSON Schema', async () => {
    const { code, stdout } = await intercept(['schema'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).$schema).toContain('2020-12')
  })
})
