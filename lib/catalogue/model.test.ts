import { expect, test } from 'vitest'
import { ServerInput, Slug } from './model'

const slugs: [slug: string, isGood: boolean][] = [
  ['mistral', true],
  ['a', true],
  ['my-server-2', true],
  ['x'.repeat(63), true],
  ['x'.repeat(64), false],
  ['', false],
  ['Mistral', false],
  ['-a', false],
  ['a-', false],
  ['a/b', false],
  ['a b', false],
  ['*', false],
  ['..', false],
]
test.each(slugs)('slug %j: %s', (slug, isGood) => {
  expect(Slug.safeParse(slug).success).toBe(isGood)
})

const stdio = { slug: 's', transport: 'stdio', command: ['node', 'x.js'] }
const http = { slug: 's', transport: 'http', url: 'https://mcp.example.com/mcp' }
const inputs: [what: string, input: object, path: string | null][] = [
  ['a stdio server', stdio, null],
  ['an http server', http, null],
  ['a command of no words', { ...stdio, command: [] }, 'command'],
  ['a command without a program', { ...stdio, command: [''] }, 'command'],
  ['a NUL in an argument', { ...stdio, command: ['a', 'b\0'] }, 'command.1'],
  ['an address on stdio', { ...stdio, url: 'https://x.example' }, ''],
  ['headers on stdio', { ...stdio, headers: {} }, ''],
  ['a variable name with =', { ...stdio, environment: { 'A=B': 'x' } }, 'environment.A=B'],
  ['a NUL in a variable', { ...stdio, environment: { A: 'x\0' } }, 'environment.A'],
  ['plain http', { ...http, url: 'http://mcp.example.com' }, 'url'],
  ['plain http on loopback, not allowed', { ...http, url: 'http://127.0.0.1:1/mcp' }, 'url'],
  ['plain http on loopback, allowed', { ...http, url: 'http://127.0.0.1:1/mcp', allowPrivate: true }, null],
  ['plain http elsewhere, allowed', { ...http, url: 'http://10.0.0.1:1/mcp', allowPrivate: true }, 'url'],
  ['another scheme', { ...http, url: 'file:///etc/passwd' }, 'url'],
  ['a password in the address', { ...http, url: 'https://u:p@mcp.example.com' }, 'url'],
  ['a fragment', { ...http, url: 'https://mcp.example.com/#x' }, 'url'],
  ['no address', { ...http, url: 'mcp.example.com' }, 'url'],
  ['a header of the transport', { ...http, headers: { Host: 'x' } }, 'headers.Host'],
  ['a header of MCP', { ...http, headers: { 'Mcp-Session-Id': 'x' } }, 'headers.Mcp-Session-Id'],
  ['a line break in a header', { ...http, headers: { Authorization: 'a\r\nb: c' } }, 'headers.Authorization'],
  ['a credential', { ...http, headers: { Authorization: 'Bearer x' } }, null],
  ['an unknown field', { ...http, header: {} }, ''],
  ['a title with a line break', { ...http, title: 'a\nb' }, 'title'],
]
test.each(inputs)('%s', (_what, input, path) => {
  const parsed = ServerInput.safeParse(input)
  expect(parsed.success ? null : parsed.error.issues[0]?.path.join('.')).toBe(path)
})
