import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ObjectStore } from './object-store'

// What a bucket answers, in turn; the last one stays. A real S3 server is asked in e2e/wire/buckets.test.ts.
let answers: { status: number; body?: string }[] = []
let got: { request: IncomingMessage; body: Buffer }[] = []
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    got.push({ request, body: Buffer.concat(chunks) })
    const { status, body } = (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 200 }
    response.writeHead(status).end(body)
  })
})
let endpoint: string
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())
beforeEach(() => {
  got = []
  answers = [{ status: 200 }]
})

const keys = { region: 'eu-west-1', bucket: 'kept', accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'very-secret' }
const open = (more = {}) => new ObjectStore({ endpoint, ...keys, ...more })
const json = { contentType: 'application/json' }

test('an object is put under its key in the bucket, its digest signed along', async () => {
  await open({ sessionToken: 'temporary' }).put('a/b c.json', '{"ö":1}', json)
  const { request, body } = got[0] ?? expect.fail('nothing came')
  expect([request.method, request.url, body.toString()]).toEqual(['PUT', '/kept/a/b%20c.json', '{"ö":1}'])
  expect(request.headers).toMatchObject({
    'content-type': 'application/json',
    'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
    'content-md5': createHash('md5').update(body).digest('base64'),
    'x-amz-security-token': 'temporary',
  })
  const { authorization } = request.headers
  expect(authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/[0-9]{8}\/eu-west-1\/s3\/aws4_request, SignedHeaders=/,
  )
  expect(authorization).toContain('x-amz-content-sha256')
  expect(JSON.stringify(request.headers)).not.toContain('very-secret')
})

/** Signature Version 4 of what came over the wire, by Amazon's description and without the library. */
function signatureOf({ method, url, headers }: IncomingMessage, secret: string): string {
  const sha = (text: string) => createHash('sha256').update(text).digest('hex')
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const [, date = '', region = '', signed = ''] =
    /Credential=[^/]+\/([0-9]{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+)/.exec(
      headers.authorization ?? '',
    ) ?? []
  const canonical = signed.split(';').map(name => `${name}:${headers[name]}\n`)
  const request = [method, url, '', canonical.join(''), signed, headers['x-amz-content-sha256']].join('\n')
  const key = [region, 's3', 'aws4_request'].reduce<Buffer>(hmac, hmac(`AWS4${secret}`, date))
  const scope = `${date}/${region}/s3/aws4_request`
  return hmac(key, ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha(request)].join('\n')).toString('hex')
}

test.each(['plain', 'a/b c+d/ö*(1).json'])('the signature of %j is the one that Amazon describes', async key => {
  await open({ sessionToken: 'temporary' }).put(key, 'x', { ...json, lockedUntil: new Date('2027-01-01T00:00:00Z') })
  const { request } = got[0] ?? expect.fail('nothing came')
  expect(request.headers.authorization).toContain(`Signature=${signatureOf(request, 'very-secret')}`)
  expect(request.headers.authorization).not.toContain(signatureOf(request, 'another-secret'))
})

test('a lock is asked for, and signed', async () => {
  await open().put('k', 'x', { ...json, lockedUntil: new Date('2027-01-01T00:00:00Z') })
  const { headers } = got[0]?.request ?? expect.fail('nothing came')
  expect(headers).toMatchObject({
    'x-amz-object-lock-mode': 'COMPLIANCE',
    'x-amz-object-lock-retain-until-date': '2027-01-01T00:00:00.000Z',
  })
  expect(headers.authorization).toContain('x-amz-object-lock-mode;x-amz-object-lock-retain-until-date')
})

test.each([429, 500, 503])('an answer %d passes: it is tried again', async status => {
  answers = [{ status }, { status: 200 }]
  await open().put('k', 'x', json)
  expect(got.length).toBe(2)
})

test('what never passes is given up after three tries', async () => {
  answers = [{ status: 503 }]
  await expect(open().put('k', 'x', json)).rejects.toMatchObject({ status: 503 })
  expect(got.length).toBe(3)
})

describe('a refusal says what to do, and is not repeated', () => {
  const error = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>Said so.</Message></Error>`
  test.each([
    ['NoSuchBucket', 404, 'Make the bucket'],
    ['SignatureDoesNotMatch', 403, 'secret key'],
    ['RequestTimeTooSkewed', 403, 'clock'],
  ])('%s', async (code, status, advice) => {
    answers = [{ status, body: error(code) }]
    const refusal = open().put('k', 'x', json)
    await expect(refusal).rejects.toMatchObject({ status, code })
    await expect(refusal).rejects.toThrow(advice)
    await expect(refusal).rejects.toThrow('(Said so)')
    expect(got.length).toBe(1)
  })

  test('also when the answer is no XML', async () => {
    answers = [{ status: 400, body: 'x'.repeat(100_000) }]
    await expect(open().put('k', 'x', json)).rejects.toThrow('answered 400 for k.')
  })
})

test('a bucket that is not there is named, without what is secret', async () => {
  const gone = open({ endpoint: 'http://127.0.0.1:1' })
  const failure = await gone.put('k', 'x', json).catch(error => error.message)
  expect(failure).toBe('The bucket kept at 127.0.0.1:1 cannot be reached: ECONNREFUSED.')
})
