import { chromium, type FullConfig } from '@playwright/test'
import { startProduct } from './product'
import { makeOwner } from './set-up'

/** Starts the product once for all tests and makes the first owner through the link that it printed. */
export default async function globalSetup(config: FullConfig): Promise<() => Promise<void>> {
  const product = await startProduct()
  process.env.INTERCEPT_E2E = JSON.stringify(product)
  const browser = await chromium.launch(config.projects[0]?.use.launchOptions)
  try {
    await makeOwner(browser, product)
  } catch (error) {
    await product.stop()
    throw error
  } finally {
    await browser.close()
  }
  return () => product.stop()
}
