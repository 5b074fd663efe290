import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inheritedEnvironment, readEnv } from './env'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'intercept-env-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const read = (variables: Record<string, string> = {}) => readEnv({ NODE_ENV: 'test', DATA_DIR: dataDir, ...variables })
const connections = { console: 'postgresql://console@127.0.0.1/x', proxy: 'postgresql://proxy@127.0.0.1/x' }
const write = (name: string, text: string) => writeFileSync(path.join(dataDir, name), text)

describe('the environment', () => {
  test('needs nothing: loopback, the known ports, addresses made from them', () => {
    expect(read()).toMatchObject({
      consoleHost: '127.0.0.1',
      consolePort: 3000,
      consoleUrl: 'http://localhost:3000',
      proxyHost: '127.0.0.1',
      proxyPort: 4000,
      proxyUrl: 'http://localhost:4000',
      databaseUrl: undefined,
    })
  })

  test('counts an empty variable as unset, and drops the slash after a public address', () => {
    const env = read({ CONSOLE_PORT: '', PROXY_URL: 'https://mcp.example.com/' })
    expect([env.consolePort, env.proxyUrl]).toEqual([3000, 'https://mcp.example.com'])
  })

  test.each([
    ['CONSOLE_PORT', '70000'],
    ['PROXY_PORT', 'http'],
    ['CONSOLE_URL', 'not an address'],
    ['INTERCEPT_SECRET', 'short'],
    ['AUDIT_DURABILITY', 'maybe'],
  ])('names %s in one sentence when it is %j', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(new RegExp(`^${name}: [^\\n]+ See \\.env\\.example\\.$`))
  })
})

describe('what npm start left in the data folder', () => {
  test('is used, unless the environment says otherwise', () => {
    write('connections.json', JSON.stringify(connections))
    write('secret', 'from the file\n')
    expect([read().consoleDatabaseUrl, read().proxyDatabaseUrl, read().secret]).toEqual([
      connections.console,
      connections.proxy,
      'from the file',
    ])
    const secret = 'x'.repeat(32)
    const given = read({ CONSOLE_DATABASE_URL: 'postgresql://other', INTERCEPT_SECRET: secret })
    expect([given.consoleDatabaseUrl, given.secret]).toEqual(['postgresql://other', secret])
  })

  test.each([
    ['nothing', () => undefined, /CONSOLE_DATABASE_URL is not set.*npm start/],
    ['half a file', () => write('connections.json', '{"console":'), /connections\.json is damaged.*npm start/],
  ])('may be %s: then the address is missed when it is needed, with what to do', (_, leave, sentence) => {
    leave()
    const env = read()
    expect(() => env.consoleDatabaseUrl).toThrow(sentence)
  })
})

test('.env.example documents every variable that lib/env.ts reads', () => {
  const root = path.resolve(import.meta.dirname, '..')
  const source = readFileSync(path.join(root, 'lib/env.ts'), 'utf8')
  const names = [...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(match => match[1])
  const documented = readFileSync(path.join(root, '.env.example'), 'utf8')
  expect(names.length).toBeGreaterThan(10)
  expect(names.filter(name => !new RegExp(`^#?${name}=`, 'm').test(documented))).toEqual([])
})

test('a bucket for checkpoints is whole or refused, and none unless it is named', () => {
  const keys = { AUDIT_CHECKPOINT_S3_ACCESS_KEY_ID: 'id', AUDIT_CHECKPOINT_S3_SECRET_ACCESS_KEY: 'secret' }
  expect(read(keys).checkpointBucket).toBeUndefined()
  expect(() => read({ AUDIT_CHECKPOINT_S3_BUCKET: 'kept' })).toThrow('AUDIT_CHECKPOINT_S3_ACCESS_KEY_ID')
  expect(read({ ...keys, AUDIT_CHECKPOINT_S3_BUCKET: 'kept', AUDIT_CHECKPOINT_S3_REGION: 'eu-west-1' })).toMatchObject({
    checkpointBucket: {
      endpoint: 'https://s3.eu-west-1.amazonaws.com',
      region: 'eu-west-1',
      bucket: 'kept',
      prefix: 'intercept/',
      lockDays: undefined,
      lockMode: 'COMPLIANCE',
    },
  })
})

test('a server that a person runs through us gets what they gave, and nothing of ours', () => {
  const ours = {
    INTERCEPT_SECRET: 'x',
    AUDIT_SIGNING_KEY: 'x',
    AUDIT_CHECKPOINT_S3_SECRET_ACCESS_KEY: 'x',
    DATA_DIR: 'x',
  }
  expect(inheritedEnvironment({ ...ours, NODE_ENV: 'test', API_KEY: 'given', AUDITOR: 'given' })).toEqual({
    NODE_ENV: 'test',
    API_KEY: 'given',
    AUDITOR: 'given',
  })
})
