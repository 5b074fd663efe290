import { expect, test } from 'vitest'
import { openLog } from './log'

const KEY = `ik_abcdefgh_${'k'.repeat(43)}`

function logged(write: (log: ReturnType<typeof openLog>) => void): { line: string; fields: Record<string, unknown> } {
  const lines: string[] = []
  write(openLog('here', { write: line => void lines.push(line) }))
  expect(lines).toHaveLength(1)
  const [line = ''] = lines
  return { line, fields: JSON.parse(line) }
}

test('a line says when, who, what and which error, as JSON', () => {
  const error = Object.assign(new TypeError('no way there'), { code: 'ECONNREFUSED' })
  const { fields } = logged(log => log.warn({ error, server: 'one' }, 'a server is away'))
  expect(fields).toMatchObject({
    level: 40,
    proxy: 'here',
    server: 'one',
    msg: 'a server is away',
    error: { type: 'TypeError', message: 'no way there', code: 'ECONNREFUSED' },
  })
  expect(fields.time).toMatch(/^\d{4}-\d\d-\d\dT/)
})

test.each<[what: string, fields: object]>([
  [
    'the row that Postgres complains of',
    { error: Object.assign(new Error('refused'), { detail: `Failing row: ${KEY}`, where: KEY }) },
  ],
  ['the command that Redis did not take', { error: Object.assign(new Error('away'), { command: { args: [KEY] } }) }],
  ['a key in a message', { error: new Error(`no ${KEY} here`) }],
  ['a key in a stack', { error: Object.assign(new Error('x'), { stack: `Error: ${KEY}\n at y` }) }],
  ['a bearer in a field', { problem: `authorization: Bearer ${KEY}` }],
  ['a private key in a field', { stderr: '-----BEGIN PRIVATE KEY-----\nabcdefgh_kkk\n-----END PRIVATE KEY-----' }],
  ['a thrown text', { error: KEY }],
])('%s does not reach the log', (_what, fields) => {
  const { line } = logged(log => log.error(fields, 'something failed'))
  expect(line).not.toMatch(/kkk/)
})

test('a long message is cut', () => {
  expect(logged(log => log.error({ error: new Error('x'.repeat(1e6)) }, 'y')).line.length).toBeLessThan(6_000)
})
