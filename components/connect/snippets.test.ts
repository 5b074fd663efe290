import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { KEY_PLACEHOLDER, type Snippet, snippetsFor } from './snippets'

const key = 'ik_7Fq2vN8s_Yd3LmRk0TzWx5Bc9HaPe6Uo1Yd3LmRk0TzWx5Bc9Ha-_e6'
const connection = { slug: 'mistral', proxyUrl: 'http://localhost:4000', key }

function of(client: string, changes: Partial<typeof connection> = {}): Snippet {
  const found = snippetsFor({ ...connection, ...changes }).find(snippet => snippet.client === client)
  if (!found) throw new Error(`no snippet for ${client}`)
  return found
}

/** The words that a POSIX shell makes of the text. */
function shellWords(text: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\n' ${text}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
}

describe('snippets', () => {
  it('reads each as what it claims to be', () => {
    for (const { form, text } of snippetsFor(connection)) {
      if (form === 'json') expect(() => JSON.parse(text)).not.toThrow()
      else expect(shellWords(text).length).toBeGreaterThan(3)
    }
  })

  it('carries address and key in each, whole and once', () => {
    for (const { client, text } of snippetsFor(connection)) {
      expect(text.split(key).length, client).toBe(2)
      expect(text.split('http://localhost:4000/mcp/mistral').length, client).toBe(2)
    }
  })

  it('hands Claude Code one header of one word', () => {
    expect(shellWords(of('Claude Code').text)).toEqual([
      'claude',
      'mcp',
      'add',
      '--transport',
      'http',
      'mistral',
      'http://localhost:4000/mcp/mistral',
      '--header',
      `Authorization: Bearer ${key}`,
    ])
  })

  it('gives no argument of Claude Desktop a blank', () => {
    const { args, env, command } = JSON.parse(of('Claude Desktop').text).mcpServers.mistral
    expect(command).toBe('npx')
    expect(args.filter((argument: string) => /\s/.test(argument))).toEqual([])
    const [, name] = /\$\{(\w+)\}/.exec(args.at(-1)) ?? []
    expect(env[name ?? '']).toBe(`Bearer ${key}`)
  })

  it.each([
    ['Cursor', 'mcpServers'],
    ['VS Code', 'servers'],
  ])('gives %s the header under %s', (client, root) => {
    const server = JSON.parse(of(client).text)[root].mistral
    expect(server.headers).toEqual({ Authorization: `Bearer ${key}` })
  })

  it.each([
    ['http://localhost:4000', false],
    ['http://127.0.0.1:4000', false],
    ['https://gate.example.org', false],
    ['http://gate.example.org', true],
  ])('tells mcp-remote about plain HTTP to %s: %s', (proxyUrl, told) => {
    expect(shellWords(of('mcp-remote', { proxyUrl }).text).includes('--allow-http')).toBe(told)
  })

  it('shows a placeholder that no shell expands', () => {
    expect(shellWords(of('Claude Code', { key: KEY_PLACEHOLDER }).text).at(-1)).toBe('Authorization: Bearer YOUR_KEY')
  })
})
