import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HostileServer, startHostileServer } from './fixtures/hostile-http'
import { type Gateway, startGateway } from './gateway'
import { beginSession, callBody, type RawSession, rawBytes, saysOf } from './raw-client'

// HTTP that is bent on purpose, byte by byte.
let gateway: Gateway
let server: HostileServer
let session: RawSession

beforeAll(async () => {
  server = await startHostileServer()
  gateway = await startGateway([{ slug: 'fixture', url: server.url }])
  session = await beginSession(gateway, 'fixture')
})
afterAll(async () => {
  await gateway.stop()
  await server.close()
})

const body = callBody('echo', { text: 'through' })
const head = (...more: string[]) =>
  [
    'POST /mcp/fixture HTTP/1.1',
    `Authorization: Bearer ${gateway.key}`,
    `Mcp-Session-Id: ${session.id}`,
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    'Connection: close',
    ...more,
  ].join('\r\n')
const host = 'Host: localhost:4000'
const sized = `Content-Length: ${body.length}`
const plain = (...more: string[]) => [`${head(...more)}\r\n\r\n${body}`]
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)

const rows: [what: string, bytes: () => (string | Buffer)[], status: number | number[]][] = [
  ['nothing bent', () => plain(host, sized), 200],
  ['a Host of elsewhere', () => plain('Host: evil.example', sized), 403],
  ['a Host of elsewhere at the port of here', () => plain(`Host: evil.example:${gateway.proxy.port}`, sized), 403],
  ['a Host that only begins like one of here', () => plain('Host: localhost.evil.example', sized), 403],
  ['a Host with a user', () => plain('Host: localhost@evil.example', sized), [400, 403]],
  ['no Host', () => plain(sized), 400],
  ['two Hosts', () => plain('Host: evil.example', host, sized), [400, 403]],
  ['an Origin of elsewhere', () => plain(host, sized, 'Origin: https://evil.example'), 403],
  ['an Origin of null', () => plain(host, sized, 'Origin: null'), 403],
  ['two Origins', () => plain(host, sized, 'Origin: http://localhost', 'Origin: https://evil.example'), 403],
  [
    'an absolute target',
    () => plain(host, sized).map(text => text.replace('/mcp/', 'http://evil.example/mcp/')),
    [400, 404],
  ],
  ['an escaped path', () => plain(host, sized).map(text => text.replace('/mcp/', '/mcp/%2e%2e/mcp/')), 404],
  ['a doubled slash', () => plain(host, sized).map(text => text.replace('/mcp/', '/mcp//')), 404],
  ['a length and chunks', () => plain(host, sized, 'Transfer-Encoding: chunked'), 400],
  ['two lengths', () => plain(host, sized, 'Content-Length: 5'), 400],
  ['chunks that are not the last coding', () => plain(host, 'Transfer-Encoding: chunked, identity'), 400],
  ['a carriage return in a header', () => plain(host, sized, 'X-A: a\rX-B: b'), 400],
  ['a line feed before a header', () => plain(host, sized, 'X-A: a\n\nGET / HTTP/1.1'), [200, 400]],
  ['a NUL in a header', () => plain(host, sized, 'X-A: a\0b'), 400],
  ['a folded header', () => plain(host, sized, 'X-A: a\r\n b'), [200, 400]],
  ['a blank before the colon', () => plain(host, sized, 'X-A : a'), 400],
  ['two session ids', () => plain(host, sized, 'Mcp-Session-Id: other'), 404],
  [
    'a line break in a session id',
    () => plain(host, sized).map(text => text.replace(session.id, `${session.id}%0d%0a`)),
    404,
  ],
  ['a header of 20 kB', () => plain(host, sized, `X-A: ${'a'.repeat(20_000)}`), 431],
  ['2,500 headers', () => plain(host, sized, ...Array.from({ length: 2_500 }, () => 'a:')), [200, 400, 431]],
  ['a body of 5 MB that says so', () => [`${head(host, 'Content-Length: 5000000')}\r\n\r\n`], 413],
  ['a body of 5 MB that does not say so', () => oversized(), 413],
  ['a key in the address', () => keyInAddress(), 401],
  [
    'a key as a cookie',
    () => plain(host, sized).map(text => text.replace('Authorization: Bearer ', 'Cookie: key=')),
    401,
  ],
  ['a body that is compressed', () => compressed(), 400],
  ['a body in UTF-16', () => wide(), 400],
  ['an expectation', () => plain(host, sized, 'Expect: 200-maybe'), 417],
  ['an upgrade', () => plain(host, sized, 'Upgrade: h2c'), 200],
]

function keyInAddress(): string[] {
  const address = `/mcp/fixture?access_token=${gateway.key}&key=${gateway.key}`
  return plain(host, sized).map(text => text.replace('/mcp/fixture', address).replace(/Authorization: .*\r\n/, ''))
}

function compressed(): Buffer[] {
  const zipped = gzipSync(body)
  const start = head(host, `Content-Length: ${zipped.length}`, 'Content-Encoding: gzip')
  return [Buffer.concat([Buffer.from(`${start}\r\n\r\n`), zipped])]
}

/** Two bytes a unit, of which every other is a NUL. */
function wide(): Buffer[] {
  const text = Buffer.from(body, 'utf16le')
  return [Buffer.concat([Buffer.from(`${head(host, `Content-Length: ${text.length}`)}\r\n\r\n`), text])]
}

function oversized(): string[] {
  const chunk = `${(1_000_000).toString(16)}\r\n${' '.repeat(1_000_000)}\r\n`
  return [`${head(host, 'Transfer-Encoding: chunked')}\r\n\r\n`, chunk, chunk, chunk, chunk, chunk]
}

test.each(rows)('%s', async (_what, bytes, status) => {
  const before = server.received.length
  const answer = await rawBytes(gateway.proxy.port, bytes())
  expect([status].flat(), answer).toContain(statusOf(answer))
  expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toHaveLength(1)
  const passed = server.received.slice(before).filter(sent => sent.body.includes('tools/call'))
  expect(passed).toHaveLength(statusOf(answer) === 200 ? 1 : 0)
})

test('a second request hidden behind the first is judged as a request of its own', async () => {
  const hidden = `POST /mcp/fixture HTTP/1.1\r\n${host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const answer = await rawBytes(gateway.proxy.port, [
    `${head(host, sized).replace('Connection: close', 'X-A: a')}\r\n\r\n${body}${hidden}`,
  ])
  expect([...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status)).toEqual(['200', '401'])
})

describe('slow loris', { timeout: 60_000 }, () => {
  /** Sends one byte a second until it is cut off; gives the seconds that took. */
  async function drip(start: string): Promise<number> {
    const startedAt = Date.now()
    await new Promise<void>(resolve => {
      const socket = connect(gateway.proxy.port, '127.0.0.1', () => socket.write(start))
      const timer = setInterval(() => socket.write('x'), 1_000)
      socket.on('error', () => undefined)
      socket.on('data', () => undefined)
      socket.on('close', () => {
        clearInterval(timer)
        resolve()
      })
    })
    return (Date.now() - startedAt) / 1000
  }

  test.concurrent('headers that trickle are cut off', async () => {
    expect(await drip(`${head(host, sized)}\r\nX-Slow: `)).toBeLessThan(15)
  })

  test.concurrent('a body that trickles is cut off', async () => {
    expect(await drip(`${head(host, 'Content-Length: 1000')}\r\n\r\n{`)).toBeLessThan(36)
  })

  test.concurrent('two hundred of them take nothing from others', async () => {
    const sockets = Array.from({ length: 200 }, () => connect(gateway.proxy.port, '127.0.0.1'))
    for (const socket of sockets) socket.on('error', () => undefined).write(`${head(host)}\r\nX-Slow: `)
    const startedAt = Date.now()
    expect(saysOf(await session.call('echo', { text: 'still here' }))).toBe('still here')
    expect(Date.now() - startedAt).toBeLessThan(2_000)
    for (const socket of sockets) socket.destroy()
  })
})
