import { expect, test } from 'vitest'
import type { RequestMessage } from './messages'
import { agreeHeaders } from './modern-headers'
import { META, MODERN_VERSION } from './modern-version'

const encoded = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`
const asked = (method: string, given: Record<string, string | number | object>): RequestMessage => {
  const params = { ...given, _meta: { [META.version]: MODERN_VERSION } } as RequestMessage['params']
  return { kind: 'request', id: 1, method, params, body: {} }
}
const base = (method: string) => ({ 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': method })
const schema = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    count: { type: 'integer', 'x-mcp-header': 'Count' },
    isDry: { type: 'boolean', 'x-mcp-header': 'Dry' },
    place: { type: 'object', properties: { floor: { type: 'integer', 'x-mcp-header': 'Floor' } } },
    list: { type: 'array', items: { properties: { deep: { 'x-mcp-header': 'Deep' } } } },
  },
}

const agreeing: [what: string, args: object, headers: Record<string, string>][] = [
  ['nothing where nothing is given', {}, {}],
  ['a null, which is nothing', { region: null }, {}],
  ['plain text', { region: 'us-west1' }, { 'mcp-param-region': 'us-west1' }],
  ['an empty text', { region: '' }, { 'mcp-param-region': '' }],
  ['text that had to be encoded', { region: 'Zürich\n' }, { 'mcp-param-region': encoded('Zürich\n') }],
  ['text that looks encoded', { region: '=?base64?x?=' }, { 'mcp-param-region': encoded('=?base64?x?=') }],
  ['a number in another writing', { count: -42 }, { 'mcp-param-count': '-42.0' }],
  ['a boolean', { isDry: true }, { 'mcp-param-dry': 'true' }],
  ['a nested one', { place: { floor: 2 } }, { 'mcp-param-floor': '2' }],
  ['one that no definition names', {}, { 'mcp-param-other': 'x' }],
  ['one inside a list, which is not mirrored', { list: [{ deep: 1 }] }, { 'mcp-param-deep': 'whatever' }],
]
test.each(agreeing)('%s agrees and goes on as it came', (_what, args, headers) => {
  const message = asked('tools/call', { name: 'move', arguments: args })
  const all = { ...base('tools/call'), 'mcp-name': 'move', ...headers }
  expect(agreeHeaders(message, { ...all, cookie: 'a=b', authorization: 'Bearer x' }, schema)).toEqual({
    ok: true,
    headers: all,
  })
})

const disagreeing: [what: string, args: object, headers: Record<string, string>][] = [
  ['a value without its header', { region: 'a' }, {}],
  ['a header without its value', {}, { 'mcp-param-region': 'a' }],
  ['a header for a null', { region: null }, { 'mcp-param-region': 'null' }],
  ['another value', { region: 'a' }, { 'mcp-param-region': 'b' }],
  ['another case', { region: 'a' }, { 'mcp-param-region': 'A' }],
  ['a blank more', { region: 'a' }, { 'mcp-param-region': 'a ' }],
  ['a number that is none', { count: 16 }, { 'mcp-param-count': '0x10' }],
  ['an exponent', { count: 100 }, { 'mcp-param-count': '1e2' }],
  ['an empty number', { count: 0 }, { 'mcp-param-count': '' }],
  ['a boolean as a number', { isDry: true }, { 'mcp-param-dry': '1' }],
  ['bytes beyond ASCII', { region: 'é' }, { 'mcp-param-region': 'é' }],
  ['base64 with a letter missing', { region: 'ab' }, { 'mcp-param-region': '=?base64?YW?=' }],
  ['base64 of what is no UTF-8', { region: '\ufffd' }, { 'mcp-param-region': '=?base64?/w==?=' }],
  ['two headers in one', { region: 'a' }, { 'mcp-param-region': 'a, a' }],
  ['an unreadable one that no definition names', {}, { 'mcp-param-other': 'é' }],
]
test.each(disagreeing)('%s does not agree', (_what, args, headers) => {
  const message = asked('tools/call', { name: 'move', arguments: args })
  const all = { ...base('tools/call'), 'mcp-name': 'move', ...headers }
  expect(agreeHeaders(message, all, schema)).toMatchObject({ ok: false })
})

const named: [method: string, params: Record<string, string>, name: string | undefined, isAgreed: boolean][] = [
  ['tools/call', { name: 'move' }, 'move', true],
  ['tools/call', { name: 'move' }, encoded('move'), true],
  ['tools/call', { name: 'move' }, undefined, false],
  ['tools/call', { name: 'move' }, 'Move', false],
  ['prompts/get', { name: 'hello' }, 'hello', true],
  ['prompts/get', { name: 'hello' }, 'other', false],
  ['resources/read', { uri: 'file:///a b' }, 'file:///a b', true],
  ['resources/read', { uri: 'file:///a' }, 'file:///b', false],
  ['resources/read', { name: 'x', uri: 'file:///a' }, 'x', false],
]
test.each(named)('%s of %j under the name %s: %s', (method, params, name, isAgreed) => {
  const headers = { ...base(method), ...(name === undefined ? {} : { 'mcp-name': name }) }
  expect(agreeHeaders(asked(method, params), headers, undefined).ok).toBe(isAgreed)
})

test('a name that mirrors nothing is not passed on', () => {
  const agreement = agreeHeaders(asked('tools/list', {}), { ...base('tools/list'), 'mcp-name': 'move' }, undefined)
  expect(agreement).toEqual({ ok: true, headers: base('tools/list') })
})
