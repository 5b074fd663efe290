import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'

/** A self-signed certificate for 127.0.0.1 and localhost, as PEM. */
export function certificateIn(folder: string, name: string): { cert: string; key: string } {
  const [cert, key] = [path.join(folder, `${name}.crt`), path.join(folder, `${name}.key`)]
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', [...words, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
}

/** A syslog receiver over TLS (RFC 5425) that reads frames by their octet counts. */
export async function syslogReceiver(options: TlsOptions) {
  const messages: string[] = []
  const sockets = new Set<TLSSocket>()
  let cutAfter = Number.POSITIVE_INFINITY
  const server = createServer({ ...options, allowHalfOpen: false }, socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    let rest = Buffer.alloc(0)
    socket.on('data', chunk => {
      rest = Buffer.concat([rest, chunk])
      for (;;) {
        const blank = rest.indexOf(32)
        const length = blank > 0 ? Number(rest.subarray(0, blank)) : Number.NaN
        if (!(rest.length >= blank + 1 + length)) return
        messages.push(rest.subarray(blank + 1, blank + 1 + length).toString('utf8'))
        rest = rest.subarray(blank + 1 + length)
        if (messages.length >= cutAfter) {
          cutAfter = Number.POSITIVE_INFINITY
          socket.destroy()
          return
        }
      }
    })
  })
  server.on('tlsClientError', () => undefined)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    /** Cuts the connection once, when so many messages have come. */
    cutAfter(count: number) {
      cutAfter = count
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
