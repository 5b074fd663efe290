import { describe, expect, it } from 'vitest'
import type { NamedDocument } from '@/components/policy/treatment'
import { parse } from '@/lib/policy'
import { effectiveTreatment } from './effective'
import { permissionBits } from './permission-bits'

function documentOf(text: string): NamedDocument {
  const { document, diagnostics } = parse(text)
  if (!document) throw new Error(diagnostics.map(one => one.message).join('\n'))
  return { name: 'files', document }
}

const documents = [
  documentOf(`
default: deny
tools:
  read_file:
    rules:
      - name: for operations
        action: allow
      - name: not for robots
        action: deny
        when: [{ path: identity.kind, op: eq, value: service }]
`),
]
const granted = { grants: ['g1'], approved: true, missingSince: null }
const readFile = { name: 'read_file', inputSchema: {} }
const agent = { server: 'files', identity: { name: 'ops', kind: 'agent' } }

describe('what an identity may do', () => {
  it.each([
    ['without a grant', { ...granted, grants: [] }, readFile, agent, 'hidden'],
    ['before the definition is approved', { ...granted, approved: false }, readFile, agent, 'hidden'],
    ['after the server dropped the tool', { ...granted, missingSince: new Date() }, readFile, agent, 'hidden'],
    ['with a tool that no entry names', granted, { name: 'delete_file', inputSchema: {} }, agent, 'hidden'],
    ['with an open tool', granted, readFile, agent, 'allow'],
    ['of a kind that a rule refuses', granted, readFile, { server: 'files', identity: { kind: 'service' } }, 'deny'],
    ['while the identity is unknown', granted, readFile, { server: 'files' }, 'by_arguments'],
  ] as const)('%s', (_, tool, definition, circumstances, kind) => {
    expect(effectiveTreatment(tool, definition, documents, circumstances).kind).toBe(kind)
  })

  it('is nothing where no policy is in force', () => {
    expect(effectiveTreatment(granted, readFile, [], agent)).toMatchObject({ kind: 'deny', words: ['no policy'] })
  })
})

describe('permission letters', () => {
  const servers = [
    {
      slug: 'files',
      tools: [
        { name: 'read_file', category: 'Read' as const },
        { name: 'read_dir', category: 'Read' as const },
        { name: 'delete_file', category: 'Destructive' as const },
      ],
    },
  ]
  it.each([
    [['read_*'], ['Read']],
    [['*'], ['Read', 'Destructive']],
    [
      ['delete_file', 'read_file'],
      ['Read', 'Destructive'],
    ],
    [['write_*'], []],
  ])('%j reaches %j', (tools, categories) => {
    expect(permissionBits([{ server: 'files', tools }], servers)).toEqual([{ server: 'files', categories }])
  })

  it('joins the grants on a server and keeps servers apart', () => {
    const grants = [
      { server: 'files', tools: ['delete_*'] },
      { server: 'gone', tools: ['*'] },
      { server: 'files', tools: ['read_dir'] },
    ]
    expect(permissionBits(grants, servers)).toEqual([
      { server: 'files', categories: ['Read', 'Destructive'] },
      { server: 'gone', categories: [] },
    ])
  })
})
