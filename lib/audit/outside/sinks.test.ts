import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Checkpoint, isSigned, publicKeyPem, readPublicKey, signingKeyOf } from '../checkpoint'
import { findRetiredKey, openSigningKey, readOwnPublicKey, rotateSigningKey } from '../signing-key'
import { chainOf, newSigningKey } from '../testing/chains'
import type { Evidence } from './evidence'
import { fileSink, httpsSink } from './sinks'

const [first, second] = chainOf(10).checkpoints as [Checkpoint, Checkpoint]
const of = (checkpoint: Checkpoint): Evidence => ({ kind: 'checkpoint', checkpoint })
let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'intercept-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a file gets each checkpoint as a line, behind what is there', async () => {
  const file = path.join(folder, 'outside.ndjson')
  await fileSink(file).publish(of(first))
  await fileSink(file).publish(of(second))
  expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(first)}\n${JSON.stringify(second)}\n`)
})

test('a file that cannot be written is said', async () => {
  await expect(fileSink(path.join(folder, 'missing', 'file')).publish(of(first))).rejects.toThrow('ENOENT')
})

describe('an address', () => {
  let status = 204
  const got: { headers: IncomingHttpHeaders; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      got.push({ headers: request.headers, body })
      response.writeHead(status).end()
    })
  })
  let url: string
  beforeAll(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keep?a=secret`
  })
  afterAll(() => server.close())

  test('gets each checkpoint as a POST, with the bearer, and a name that tells a second one', async () => {
    await httpsSink(url, 'a-token').publish(of(first))
    expect(JSON.parse(got[0]?.body ?? '')).toEqual(first)
    expect(got[0]?.headers).toMatchObject({ authorization: 'Bearer a-token', 'idempotency-key': first.signature })
  })

  test.each([301, 400, 500])('that answers %d has not kept it', async answer => {
    status = answer
    await expect(httpsSink(url, undefined).publish(of(first))).rejects.toThrow(String(answer))
  })

  test('is named without what may be secret in it', () => {
    expect(httpsSink(url, 'a-token').name).not.toContain('secret')
  })
})

describe('the signing key', () => {
  const mode = (name: string) => statSync(path.join(folder, name)).mode & 0o777

  test('is made once, for its owner only; its public half is for everybody', () => {
    const key = openSigningKey(folder, undefined)
    expect(openSigningKey(folder, undefined).publicKey).toBe(key.publicKey)
    expect([mode('audit-signing-key.pem'), mode('audit-public-key.pem')]).toEqual([0o600, 0o644])
    expect(readPublicKey(readOwnPublicKey(folder) ?? '')).toBe(key.publicKey)
  })

  test('may come from the environment, on one line; then none is made', () => {
    const pem = newSigningKey().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const { publicKey } = openSigningKey(folder, pem.replaceAll('\n', '\\n'))
    expect(publicKey).toBe(signingKeyOf(pem).publicKey)
    expect(() => mode('audit-signing-key.pem')).toThrow('ENOENT')
  })

  test('that is none is refused', () => {
    expect(() => openSigningKey(folder, 'no key')).toThrow()
    writeFileSync(path.join(folder, 'audit-signing-key.pem'), 'torn')
    expect(() => openSigningKey(folder, undefined)).toThrow()
  })

  test('is rotated, and each one before can still be found', () => {
    const made = openSigningKey(folder, undefined).publicKey
    const { before, after } = rotateSigningKey(folder)
    expect([before, openSigningKey(folder, undefined).publicKey]).toEqual([made, after])
    rotateSigningKey(folder)
    expect(findRetiredKey(folder, made)?.publicKey).toBe(made)
    expect(findRetiredKey(folder, after)?.publicKey).toBe(after)
    expect(findRetiredKey(folder, newSigningKey().publicKey)).toBeNull()
    expect(mode(`audit-signing-key.retired-${made}.pem`)).toBe(0o600)
  })

  test('as PEM and as a name is one key', () => {
    expect(readPublicKey(publicKeyPem(first.key))).toBe(first.key)
    expect(isSigned(first)).toBe(true)
    expect(isSigned({ ...first, key: second.key, sequence: first.sequence + 1 })).toBe(false)
  })
})
