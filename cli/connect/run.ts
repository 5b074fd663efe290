import { once } from 'node:events'
import { readLines } from './lines'
import { ProxyAddress } from './proxy-address'
import { Relay } from './relay'
import { ProxySession, SessionRefused } from './session'

export interface ConnectSettings {
  /** The server's address at the proxy. */
  readonly url: URL
  readonly key: string
}

/**
 * Speaks MCP on standard input and output for as long as the client does.
 * @returns 0 when the client ended it, 1 when the proxy would not have it
 */
export async function runConnect({ url, key }: ConnectSettings): Promise<number> {
  const address = new ProxyAddress(url, key)
  const say = speaker()
  const client = { write: (line: string) => void process.stdout.write(`${line}\n`), say }
  const relay = new Relay(address, new ProxySession(address, url), url, client)
  const { stdin } = process
  // Closing standard input is how a client says goodbye; a signal says the same.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => stdin.destroy())
  try {
    for await (const line of readLines(stdin)) await relay.take(line)
  } catch (error) {
    if (!stdin.destroyed || error instanceof SessionRefused) {
      say((error as Error).message)
      return 1
    }
  } finally {
    stdin.destroy()
    await relay.close()
    if (process.stdout.writableLength > 0) await once(process.stdout, 'drain')
  }
  return 0
}

/** Sentences on standard error; one that is said again and again is said once. */
function speaker(): (words: string) => void {
  let last = ''
  return words => {
    if (words !== last) process.stderr.write(`intercept connect: ${words}\n`)
    last = words
  }
}
