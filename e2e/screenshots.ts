// `npm run screenshots`: starts the product, makes real calls, and takes every page at 390 and 1,440 px, light and dark,
// into screenshots/<page>-<width>-<theme>.png, to be compared by eye with the mock screens.
import { mkdirSync, rmSync } from 'node:fs'
import { type Browser, chromium } from '@playwright/test'
import { Agent } from './agent'
import { consolePages, publicPages } from './pages'
import config from './playwright.config'
import { intercept, type Product, startProduct } from './product'
import { makeOwner } from './set-up'

const folder = 'screenshots'

/** Calls as a day brings them: most pass, some lack an argument, some exceed the limit, some ask for what is not granted. */
async function makeTraffic(product: Product): Promise<string | undefined> {
  const { key } = JSON.parse(intercept(product.environment, 'key', 'issue', 'demo-agent', '--json')) as { key: string }
  const agent = await Agent.connect(product.proxyUrl, 'mistral', key)
  let refused: string | undefined
  for (let i = 0; i < 14; i++) {
    const action = ['query', 'signal', 'update'][i % 3]
    const answer = await agent.call('workflow_interact', {
      action,
      executionId: `exec_${i}`,
      name: 'progress',
      input: { step: i },
    })
    refused = answer.refused?.id ?? refused
  }
  await agent.call('workflow_interact', { action: 'query', name: 'progress' })
  await agent.call('workflow_status', { executionId: 'exec_1' })
  await agent.call('files_delete', { id: 'f1' })
  await agent.close()
  // The shipper brings records to Postgres within a moment.
  await new Promise(resolve => setTimeout(resolve, 2_000))
  return refused
}

async function shoot(
  browser: Browser,
  product: Product,
  pages: [string, string][],
  storageState?: string,
): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [390, 1440]) {
      const context = await browser.newContext({
        baseURL: product.consoleUrl,
        colorScheme,
        viewport: { width, height: width === 390 ? 844 : 900 },
        ...(storageState ? { storageState } : {}),
      })
      const page = await context.newPage()
      for (const [name, path] of pages) {
        await page.goto(path, { waitUntil: 'load' })
        await page.waitForTimeout(600)
        // The strip sticks to the foot of the window: make the window as high as the page.
        const height = await page.evaluate(() => document.documentElement.scrollHeight)
        await page.setViewportSize({ width, height: Math.max(height, width === 390 ? 844 : 900) })
        await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: true })
        await page.setViewportSize({ width, height: width === 390 ? 844 : 900 })
      }
      await context.close()
    }
  }
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const product = await startProduct()
const browser = await chromium.launch(config.use?.launchOptions)
try {
  const state = await makeOwner(browser, product)
  const refused = await makeTraffic(product)
  await shoot(browser, product, publicPages)
  await shoot(browser, product, [...consolePages, ['audit-panel', `/audit?decision=${refused}`]], state)
  process.stdout.write(`Screenshots are in ${folder}/.\n`)
} finally {
  await browser.close()
  await product.stop()
}
process.exit(0)
