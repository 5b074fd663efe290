import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** What it was answered with. */
  readonly status: number
}

/** How a receiver treats a request: a status with headers and a body, silence, or a cut in the middle. */
export type Answer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | 'hang'
  | 'cut'

/** A receiver over HTTP on loopback that does what the test says. */
export async function httpReceiver() {
  const received: Received[] = []
  let answer: (body: string) => Answer = () => ({ status: 200 })
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks)
      const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8')
      const how = answer(body)
      received.push({ headers: request.headers, body, status: typeof how === 'string' ? 0 : how.status })
      if (how === 'cut') request.socket.destroy()
      else if (how !== 'hang') response.writeHead(how.status, how.headers).end(how.body)
    })
  })
  const listen = (port: number) => new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/records`,
    received,
    /** Bodies that were taken. */
    taken: () => received.filter(({ status }) => status >= 200 && status <= 299).map(({ body }) => body),
    answerWith(next: (body: string) => Answer) {
      answer = next
    },
    async down() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
    up: () => listen(port),
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
export type HttpReceiver = Awaited<ReturnType<typeof httpReceiver>>
