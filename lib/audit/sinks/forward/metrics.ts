import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Counter, Gauge, Registry } from 'prom-client'

/** How far a sink is behind, asked for when somebody reads the metrics. */
export interface Lag {
  readonly sink: string
  readonly records: number
  /** Age of the oldest record that was not sent; 0 when all was. */
  readonly seconds: number
}

/** Counts of this process for `/metrics` (Prometheus). */
export class ForwarderMetrics {
  readonly registry = new Registry()
  readonly #sent = this.#counter('intercept_sink_sent_total', 'Records that the receiver has confirmed.')
  readonly #failed = this.#counter(
    'intercept_sink_failures_total',
    'Batches that the receiver did not take; they are sent again.',
  )
  readonly #missing = this.#counter('intercept_sink_missing_total', 'Records that were gone before they could be sent.')
  readonly #active = new Gauge({
    name: 'intercept_forwarder_active',
    help: '1 while this process is the one that forwards for its database.',
    registers: [this.registry],
  })

  /** @param readLag for each sink that is not paused */
  constructor(readLag: () => Promise<readonly Lag[]>) {
    const lag = this.#gauge('intercept_sink_lag_seconds', 'Age of the oldest record that was not sent yet.')
    const behind = this.#gauge(
      'intercept_sink_behind_records',
      'Records that were not sent yet, those that nobody wants included.',
    )
    // One look at the database fills both.
    Object.assign(lag, {
      collect: async () => {
        const lags = await readLag().catch(() => [])
        lag.reset()
        behind.reset()
        for (const { sink, records, seconds } of lags) {
          lag.set({ sink }, seconds)
          behind.set({ sink }, records)
        }
      },
    })
  }

  sent(sink: string, records: number): void {
    this.#sent.inc({ sink }, records)
  }

  failed(sink: string): void {
    this.#failed.inc({ sink })
  }

  missed(sink: string, records: number): void {
    this.#missing.inc({ sink }, records)
  }

  active(isActive: boolean): void {
    this.#active.set(isActive ? 1 : 0)
  }

  #counter(name: string, help: string) {
    return new Counter({ name, help, labelNames: ['sink'] as const, registers: [this.registry] })
  }

  #gauge(name: string, help: string) {
    return new Gauge({ name, help, labelNames: ['sink'] as const, registers: [this.registry] })
  }
}

/** Serves `/metrics` on loopback alone. @param port 0 for any */
export async function serveMetrics(registry: Registry, port: number): Promise<{ port: number; close(): void }> {
  const server: Server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    registry.metrics().then(
      text => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(503).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
