import { describe, expect, it } from 'vitest'
import { ServerInput } from '@/lib/catalogue/model'
import { readServerForm } from './read-server-form'

function form(pairs: [string, string][]): FormData {
  const data = new FormData()
  for (const [name, value] of pairs) data.append(name, value)
  return data
}

describe('the form of a server', () => {
  it('reads a command with its environment, as the command takes it', () => {
    const read = readServerForm(
      form([
        ['transport', 'stdio'],
        ['command', 'npx -y mistral-mcp'],
        ['environmentName', 'MISTRAL_API_KEY'],
        ['environmentSecret', ' kept as it is '],
        ['environmentName', ''],
        ['environmentSecret', ''],
      ]),
    )
    expect(ServerInput.parse({ slug: 'mistral', ...read })).toMatchObject({
      transport: 'stdio',
      command: ['npx', '-y', 'mistral-mcp'],
      environment: { MISTRAL_API_KEY: ' kept as it is ' },
    })
  })

  it('reads an address with its headers', () => {
    const read = readServerForm(
      form([
        ['transport', 'http'],
        ['title', 'Files'],
        ['url', 'https://files.example.org/mcp'],
        ['headerName', 'Authorization'],
        ['headerSecret', 'Bearer x'],
      ]),
    )
    expect(ServerInput.parse({ slug: 'files', ...read })).toMatchObject({
      url: 'https://files.example.org/mcp',
      title: 'Files',
      headers: { Authorization: 'Bearer x' },
      allowPrivate: false,
    })
  })

  it.each(['isShared', 'isSse'] as const)('takes %s for said only when it is ticked', field => {
    const pairs: [string, string][] =
      field === 'isShared'
        ? [
            ['transport', 'stdio'],
            ['command', 'node x'],
          ]
        : [
            ['transport', 'http'],
            ['url', 'https://a.example'],
          ]
    expect(readServerForm(form(pairs))).toMatchObject({ [field]: false })
    expect(readServerForm(form([...pairs, [field, 'yes']]))).toMatchObject({ [field]: true })
  })

  it('reads deadlines as seconds, an emptied one as the default, and none where the form has none', () => {
    const pairs: [string, string][] = [
      ['transport', 'stdio'],
      ['command', 'node x'],
    ]
    expect(readServerForm(form(pairs))).not.toHaveProperty('deadlineSeconds')
    const typed: [string, string][] = [
      ['deadlineSeconds', ' 90 '],
      ['idleDeadlineSeconds', ''],
    ]
    expect(readServerForm(form([...pairs, ...typed]))).toMatchObject({ deadlineSeconds: 90, idleDeadlineSeconds: null })
  })

  it.each([
    [
      'a value without a name',
      [
        ['environmentName', ' '],
        ['environmentSecret', 'x'],
      ],
      'environment',
    ],
    [
      'a name that comes twice',
      [
        ['environmentName', 'A'],
        ['environmentName', 'A'],
      ],
      'environment',
    ],
    ['an open quote', [['command', 'npx "x']], 'command'],
    ['a deadline in words', [['deadlineSeconds', 'an hour']], 'deadlineSeconds'],
  ] as [string, [string, string][], string][])('refuses %s beside its field', (_, pairs, path) => {
    const read = () => readServerForm(form([['transport', 'stdio'], ...pairs, ['command', 'node x']]))
    expect(read).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ path })] }))
  })
})
