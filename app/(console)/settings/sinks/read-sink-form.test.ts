import { describe, expect, test } from 'vitest'
import { SinkInput, SinkKind, secretsOf, settingsOf } from '@/lib/audit/sinks/model'
import { Refusal } from '@/lib/auth/refusal'
import { besideFields, readSinkForm } from './read-sink-form'
import { controlOf, fieldsOf, isSecret } from './sink-fields'

function formOf(fields: Record<string, string | string[]>): FormData {
  const data = new FormData()
  for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) data.append(name, value)
  return data
}

describe.each(SinkKind.options)('the form of a %s', kind => {
  test('has a field for each setting and each secret, and no other', () => {
    const names = (secret: boolean) =>
      fieldsOf[kind]
        .filter(field => isSecret(field) === secret)
        .map(({ name }) => name)
        .sort()
    expect(names(false)).toEqual(Object.keys(settingsOf[kind].shape).sort())
    expect(names(true)).toEqual(Object.keys(secretsOf[kind].shape).sort())
  })

  test('never has a secret put back into the page', () => {
    for (const field of fieldsOf[kind].filter(isSecret)) expect(controlOf(field)).toMatch(/secret/)
  })
})

test('what was typed is what the command takes; what was left empty takes its default', () => {
  const data = formOf({
    host: ' syslog.example.com ',
    port: '',
    allowPrivate: 'yes',
    'secret-clientKey': '',
    effects: ['deny', 'require_approval'],
    servers: 'mistral, files  mail',
  })
  const { emptied, ...form } = readSinkForm('syslog', data)
  expect(form).toEqual({
    effects: ['deny', 'require_approval'],
    servers: ['mistral', 'files', 'mail'],
    withArguments: false,
    settings: { host: 'syslog.example.com', allowPrivate: true },
    secrets: {},
  })
  expect(emptied).toContain('port')
  expect(SinkInput.parse({ name: 'siem', kind: 'syslog', ...form })).toMatchObject({ settings: { port: 6514 } })
})

test('what is refused stands beside its field', () => {
  const paths = ['settings.url', 'secrets.signingSecret', 'name']
  const refusal = new Refusal(
    'invalid',
    'No.',
    paths.map(path => ({ path, message: path })),
  )
  expect(besideFields(refusal).issues.map(({ path }) => path)).toEqual(['url', 'secret-signingSecret', 'name'])
})
