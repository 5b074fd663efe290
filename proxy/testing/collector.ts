import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  /** 2: server, 3: client (opentelemetry.proto.trace.v1). */
  readonly kind: number
  readonly status: number | undefined
  readonly attributes: Readonly<Record<string, unknown>>
}

/** A collector of traces at the network's edge: what comes in over OTLP/HTTP, as it came. */
export interface Collector {
  readonly url: string
  readonly spans: SeenSpan[]
  /** Bodies as they came. */
  readonly bodies: string[]
  readonly headers: IncomingHttpHeaders[]
  readonly resources: Readonly<Record<string, unknown>>[]
  /** What it answers with; -1: nothing. */
  status: number
  close(): Promise<void>
}

interface Pair {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}
interface Body {
  readonly resourceSpans: { resource: { attributes: Pair[] }; scopeSpans: { spans: SpanBody[] }[] }[]
}
type SpanBody = Omit<SeenSpan, 'attributes' | 'status'> & { attributes: Pair[]; status: { code?: number } }

const asRecord = (pairs: Pair[]) => Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]))

export async function startCollector(): Promise<Collector> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    collector.headers.push(request.headers)
    if (collector.status < 0) return
    if (collector.status === 200) take(Buffer.concat(chunks).toString())
    response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const take = (text: string) => {
    collector.bodies.push(text)
    for (const { resource, scopeSpans } of (JSON.parse(text) as Body).resourceSpans) {
      collector.resources.push(asRecord(resource.attributes))
      for (const { attributes, status, ...span } of scopeSpans.flatMap(({ spans }) => spans))
        collector.spans.push({ ...span, status: status.code, attributes: asRecord(attributes) })
    }
  }
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    bodies: [],
    headers: [],
    resources: [],
    status: 200,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return collector
}
