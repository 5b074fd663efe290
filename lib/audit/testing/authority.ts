import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'

/** Why no real authority can be run here; empty when it can. */
export const authorityProblem =
  spawnSync('openssl', ['version']).status === 0 ? '' : 'openssl, which answers as the authority, is not installed'

/** A time-stamping authority: OpenSSL's own behind HTTP. */
export interface Authority {
  readonly url: string
  /** PEM of the root that issued its certificate. */
  readonly root: string
  /** Replaces what it answers; given the true reply. */
  change: ((reply: Buffer) => Buffer) | null
  status: number
  stop(): Promise<void>
}

const CONFIG = `
[ca]
basicConstraints = critical,CA:true
[tsa_certificate]
extendedKeyUsage = critical,timeStamping
[other_certificate]
extendedKeyUsage = serverAuth
[tsa]
default_tsa = tsa_config
[tsa_config]
serial = serial
signer_cert = tsa.pem
certs = root.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`

/** Makes an authority in `folder`. @param algorithm as `openssl req -newkey` takes it */
export async function startAuthority(folder: string, algorithm = 'ec'): Promise<Authority> {
  mkdirSync(folder, { recursive: true })
  const file = (name: string) => path.join(folder, name)
  const openssl = (...words: string[]) => {
    const { status, stderr } = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
  }
  writeFileSync(file('config'), CONFIG)
  writeFileSync(file('serial'), '01')
  const newKey = algorithm === 'ec' ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['-newkey', algorithm]
  const subject = (name: string) => ['-nodes', '-subj', `/CN=${name}`]
  // `openssl req` wants a configuration of its own where the machine's is reduced.
  writeFileSync(file('empty'), '[req]\ndistinguished_name = dn\n[dn]\n')
  const request = ['req', '-config', 'empty', ...newKey]
  openssl(...request, ...subject('Test root'), '-x509', '-days', '2', '-keyout', 'root.key', '-out', 'bare.pem')
  openssl(...request, ...subject('Test root'), '-keyout', 'root.key', '-out', 'root.csr')
  sign('root', 'ca', ['-signkey', 'root.key'])
  openssl(...request, ...subject('Test authority'), '-keyout', 'tsa.key', '-out', 'tsa.csr')
  sign('tsa', 'tsa_certificate', ['-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial'])

  function sign(name: string, extensions: string, by: string[]): void {
    const given = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-days', '2', '-extfile', 'config']
    openssl('x509', '-req', ...given, '-extensions', extensions, ...by)
  }

  const authority: Authority = {
    url: '',
    root: readFileSync(file('root.pem'), 'utf8'),
    change: null,
    status: 200,
    stop,
  }
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      writeFileSync(file('query'), Buffer.concat(chunks))
      openssl('ts', '-reply', '-config', 'config', '-queryfile', 'query', '-out', 'reply')
      const reply = readFileSync(file('reply'))
      response.writeHead(authority.status, { 'content-type': 'application/timestamp-reply' })
      response.end(authority.change ? authority.change(reply) : reply)
    })
  })
  async function stop(): Promise<void> {
    await new Promise(resolve => server.close(resolve))
  }
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(authority, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` })
}
