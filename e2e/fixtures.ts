import { test as base } from '@playwright/test'
import { Agent } from './agent'
import { intercept, type Product } from './product'
import { signedIn } from './set-up'

export { expect } from '@playwright/test'

interface Fixtures {
  product: Omit<Product, 'stop'>
  /** Runs the command line; returns what it printed, parsed. */
  run(...words: string[]): unknown
  /** A connected agent with a new key of `identity`; closed after the test. */
  connect(identity: string, server?: string): Promise<Agent>
}

/** Every test has the running product, a signed-in owner's browser, the command line and real MCP clients. */
export const test = base.extend<Fixtures>({
  product: async ({}, use) => use(JSON.parse(process.env.INTERCEPT_E2E ?? '{}')),
  baseURL: async ({ product }, use) => use(product.consoleUrl),
  storageState: signedIn,
  run: async ({ product }, use) =>
    use((...words) => {
      // Before `--`, since what follows it belongs to the server's command.
      const end = words.includes('--') ? words.indexOf('--') : words.length
      return JSON.parse(intercept(product.environment, ...words.slice(0, end), '--json', ...words.slice(end)))
    }),
  connect: async ({ product, run }, use) => {
    const agents: Agent[] = []
    await use(async (identity, server = 'mistral') => {
      const { key } = run('key', 'issue', identity) as { key: string }
      const agent = await Agent.connect(product.proxyUrl, server, key)
      agents.push(agent)
      return agent
    })
    await Promise.all(agents.map(agent => agent.close()))
  },
})
