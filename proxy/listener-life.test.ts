import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { silentLog } from './log'
import { createFrontServer } from './mcp/front-server'
import { startProxy } from './proxy'
import { startGateway, until } from './testing/gateway'

// How the listener begins and ends.
const textOf = (result: unknown) => (result as { content: [{ text: string }] }).content[0].text

test('a proxy that stops lets a call end that is under way, and begins no other', async () => {
  const gateway = await startGateway()
  const [client, other] = [await gateway.connect(), await gateway.connect()]
  const slow = client.callTool({ name: 'slow', arguments: { ms: 600 } })
  await until(() => gateway.calls().length === 1)
  const stopped = gateway.proxy.stop()
  await sleep(50)
  const late = await other.callTool({ name: 'echo', arguments: { text: 'late' } }).catch(() => 'refused')
  const refused = late === 'refused' || (late as { isError?: boolean }).isError === true
  expect(refused).toBe(true)
  expect(textOf(await slow)).toBe('slept')
  await stopped
  expect(gateway.calls().map(({ name }) => name)).toEqual(['slow'])
  gateway.proxy = await startProxy(gateway.settings, silentLog)
  await until(async () => (await gateway.decisions()).some(row => row.tool === 'slow' && row.outcome === 'result'))
  await gateway.stop()
})

test('while calls end, whoever asks is told that the proxy is not ready, and where to call again', async () => {
  const gateway = await startGateway({ settings: { drainMs: 10_000 } })
  const client = await gateway.connect()
  const slow = client.callTool({ name: 'slow', arguments: { ms: 1_500 } })
  await until(() => gateway.calls().length === 1)
  const stopped = gateway.proxy.stop()
  const at = (place: string) => fetch(gateway.url().replace(/\/mcp\/.*/, place), { headers: { connection: 'close' } })
  const ready = await at('/readyz')
  expect([ready.status, await ready.text()]).toEqual([503, 'the proxy is stopping\n'])
  expect((await at('/healthz')).status).toBe(200)
  const begun = await gateway.post('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}')
  expect([begun.status, begun.headers.get('retry-after')]).toEqual([503, '1'])
  expect(textOf(await slow)).toBe('slept')
  // Nothing is under way any more: it does not wait for the rest of its time.
  const startedAt = performance.now()
  await stopped
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  await expect(at('/readyz')).rejects.toThrow()
  await gateway.stop()
})

test('with nothing under way a proxy stops at once, open streams or not', async () => {
  const gateway = await startGateway()
  const client = await gateway.connect()
  await client.callTool({ name: 'echo', arguments: { text: 'x' } })
  const startedAt = performance.now()
  await gateway.proxy.stop()
  expect(performance.now() - startedAt).toBeLessThan(900)
  await gateway.stop()
})

function certificate(folder: string, name: string): { certificate: string; key: string } {
  const files = { certificate: path.join(folder, `${name}.crt`), key: path.join(folder, `${name}.key`) }
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost', '-days', '2']
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...subject].concat([
      '-keyout',
      files.key,
      '-out',
      files.certificate,
    ]),
    { stdio: 'ignore' },
  )
  return files
}

async function statusOver(port: number, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: 'localhost', port, path: '/readyz', agent }, answer => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

test('with a certificate clients connect over TLS 1.2 or newer, and in the clear nobody does', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'intercept-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const tls = certificate(folder, 'localhost')
  const gateway = await startGateway({ settings: { tls } })
  const { port } = gateway.proxy
  expect(await statusOver(port, new Agent({ ca: execFileSync('cat', [tls.certificate]) }))).toBe(200)
  await expect(statusOver(port, new Agent())).rejects.toThrow(/self-signed/)
  await expect(fetch(`http://127.0.0.1:${port}/readyz`)).rejects.toThrow()
  const old = connect({
    host: '127.0.0.1',
    port,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
    rejectUnauthorized: false,
  })
  const ended = await new Promise(resolve => old.once('error', () => resolve('refused')).once('secureConnect', resolve))
  expect(ended).toBe('refused')
  await gateway.stop()
})

test('a certificate that is renewed is taken up without a restart; one that does not open leaves the old one', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'intercept-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const tls = certificate(folder, 'first')
  const server = createFrontServer(tls, silentLog, (_request, response) => response.end(), 20)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const shown = async () => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const name = socket.getPeerCertificate().subject.CN
    socket.destroy()
    return name
  }
  expect(await shown()).toBe('first')
  writeFileSync(tls.certificate, 'not a certificate')
  await sleep(200)
  expect(await shown()).toBe('first')
  const next = certificate(folder, 'second')
  renameSync(next.key, tls.key)
  renameSync(next.certificate, tls.certificate)
  await until(async () => (await shown()) === 'second', 2_000)
})

test('a certificate that does not open stops the start with a word on what to mend, and none of the key', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'intercept-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [one, other] = [certificate(folder, 'one'), certificate(folder, 'other')]
  const gateway = await startGateway()
  await gateway.proxy.stop()
  writeFileSync(path.join(folder, 'empty'), '')
  for (const tls of [
    { certificate: one.certificate, key: other.key },
    { certificate: one.certificate, key: path.join(folder, 'empty') },
    { certificate: path.join(folder, 'absent'), key: one.key },
  ])
    await expect(startProxy({ ...gateway.settings, tls }, silentLog)).rejects.toThrow(
      /^PROXY_TLS_CERT \(.*\) and PROXY_TLS_KEY \(.*\) do not open: [\w-]+\.$/,
    )
  gateway.proxy = await startProxy({ ...gateway.settings, tls: one }, silentLog)
  await gateway.stop()
})
