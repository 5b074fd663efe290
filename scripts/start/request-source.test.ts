import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readTrustedProxies, sourceOf } from './request-source.mjs'

test.each([
  ['nobody in front', '6.6.6.6', 0, '10.0.0.9'],
  ['nobody in front, nothing said', undefined, 0, '10.0.0.9'],
  ['one proxy, which saw the client', '1.2.3.4', 1, '1.2.3.4'],
  ['one proxy, and a client that made entries up', '6.6.6.6, 7.7.7.7, 1.2.3.4', 1, '1.2.3.4'],
  ['two proxies', '6.6.6.6, 1.2.3.4, 10.0.0.1', 2, '1.2.3.4'],
  ['one proxy that says nothing', undefined, 1, '10.0.0.9'],
])('%s', (_what, forwarded, proxies, source) => {
  expect(sourceOf(forwarded, '10.0.0.9', proxies)).toBe(source)
})

test('how many there are is a digit', () => {
  expect([readTrustedProxies(undefined), readTrustedProxies('2')]).toEqual([0, 2])
  expect(() => readTrustedProxies('yes')).toThrow(/CONSOLE_TRUSTED_PROXIES is "yes"/)
})

// A server that knows nothing of it, as Next does not: it says what it reads.
const SERVER = `import { createServer } from 'node:http'
const server = createServer((request, response) => response.end(request.headers['x-forwarded-for']))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

test.each([
  ['', '127.0.0.1'],
  ['1', '1.2.3.4'],
])('with CONSOLE_TRUSTED_PROXIES=%s what a client writes reaches nobody as its address', async (proxies, source) => {
  const preload = path.join(import.meta.dirname, 'request-source.mjs')
  const env = { PATH: process.env.PATH, INTERCEPT_CONSOLE: '1', CONSOLE_TRUSTED_PROXIES: proxies }
  const words = ['--import', preload, '--input-type=module', '-e', SERVER]
  const server = spawn(process.execPath, words, { env: env as never, stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = await once(server.stdout, 'data')
  const headers = { 'x-forwarded-for': '6.6.6.6, 1.2.3.4' }
  const answer = await fetch(`http://127.0.0.1:${String(port).trim()}/`, { headers })
  expect(await answer.text()).toBe(source)
  server.kill()
  await once(server, 'exit')
})
