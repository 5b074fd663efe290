import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { Agent } from './agent'
import { expect, test } from './fixtures'
import { intercept } from './product'

const server = path.resolve(import.meta.dirname, 'servers/notes.mjs')
const policy = `version: "1"
default: deny
tools:
  read_note:
    rules:
      - name: reading is free
        action: allow
`

test('whoever automates never needs a browser', async ({ product, run }) => {
  const file = path.join(product.dataDir, 'notes.yaml')
  writeFileSync(file, policy)
  run('server', 'add', 'notes', '--env', 'NOTES_PREFIX=sealed:', '--', process.execPath, server)
  run('server', 'scan', 'notes')
  run('server', 'approve', 'notes', '--all')
  run('policy', 'publish', '--server', 'notes', file)
  run('identity', 'add', 'note-reader')
  run('grant', 'add', 'note-reader', '--server', 'notes', '--tools', '*')
  const { key } = run('key', 'issue', 'note-reader') as { key: string }

  const agent = await Agent.connect(product.proxyUrl, 'notes', key)
  await test.step('what no rule names is neither listed nor callable', async () => {
    expect(await agent.tools()).toEqual(['read_note'])
    expect((await agent.call('read_note', { name: 'a' })).text).toBe('no such note')
    expect((await agent.call('write_note', { name: 'a', body: 'b' })).refused?.code).toBe('default_deny')
  })
  await test.step('a published revision opens the tool, and the sealed value reached the child', async () => {
    writeFileSync(file, `${policy}  write_note:\n    rules:\n      - name: writing too\n        action: allow\n`)
    run('policy', 'publish', '--server', 'notes', file)
    await expect
      .poll(async () => (await agent.call('write_note', { name: 'a', body: 'b' })).text, { timeout: 2_000 })
      .toBe('written')
    expect((await agent.call('read_note', { name: 'a' })).text).toBe('sealed:b')
  })
  await test.step('a revoked key is refused within two seconds, on an open session too', async () => {
    run('key', 'revoke', key)
    await expect
      .poll(
        () =>
          agent.call('read_note', { name: 'a' }).then(
            () => 'answered',
            () => 'refused',
          ),
        { timeout: 2_000 },
      )
      .toBe('refused')
  })
  await agent.close().catch(() => undefined)
  expect(JSON.stringify(run('server', 'list'))).not.toContain('sealed:')
})

const refusals: [words: string[], code: number, says: RegExp][] = [
  [['grant', 'add', 'nobody', '--server', 'mistral', '--tools', '*'], 1, /nobody/],
  [['key', 'issue', 'nobody'], 1, /nobody/],
  [['server', 'scan', 'nowhere'], 1, /nowhere/],
  [['server', 'add', 'Not A Slug', '--', 'node', 'x.mjs'], 2, /slug/i],
  [['policy', 'publish', '--server', 'mistral', '/no/such/file.yaml'], 2, /no such file/i],
]

for (const [words, code, says] of refusals) {
  test(`\`intercept ${words.join(' ')}\` ends with ${code} and says why`, ({ product }) => {
    let error: { status?: number; stderr?: string } = {}
    try {
      intercept(product.environment, ...words)
    } catch (caught) {
      error = caught as typeof error
    }
    expect(error.status).toBe(code)
    expect(error.stderr).toMatch(says)
  })
}

test('a document with an unknown key is refused with its line and changes nothing', ({ product, run }) => {
  const before = run('policy', 'show', '--server', 'mistral')
  const file = path.join(product.dataDir, 'typo.yaml')
  writeFileSync(file, 'version: "1"\ndefault: deny\ntools:\n  workflow_interact:\n    rules:\n      - acton: deny\n')
  let error: { status?: number; stdout?: string; stderr?: string } = {}
  try {
    intercept(product.environment, 'policy', 'publish', '--server', 'mistral', file)
  } catch (caught) {
    error = caught as typeof error
  }
  expect(error.status).not.toBe(0)
  expect(`${error.stdout}${error.stderr}`).toMatch(/acton[\s\S]*action/)
  expect(`${error.stdout}${error.stderr}`).toMatch(/\b6\b/)
  expect(run('policy', 'show', '--server', 'mistral')).toEqual(before)
})
