import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Relay {
  /** By the name `localhost`, which the suites insist on. */
  readonly url: string
  close(): Promise<void>
}

/** Suites cannot send a bearer: this adds it and passes all else on as it is, Host and Origin included. */
export async function startBearerRelay(target: string, key: string): Promise<Relay> {
  const { hostname, port, pathname } = new URL(target)
  const server = createServer((from, to) => {
    const headers = { ...from.headers, authorization: `Bearer ${key}` }
    const onward = request({ hostname, port, path: pathname, method: from.method, headers }, answer => {
      to.writeHead(answer.statusCode ?? 502, answer.headers)
      to.flushHeaders()
      answer.pipe(to)
      answer.on('error', () => to.destroy())
    })
    onward.on('error', () => to.destroy())
    to.on('close', () => onward.destroy())
    from.pipe(onward)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
