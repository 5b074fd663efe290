import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { chromium, type FullConfig } from '@playwright/test'
import { startProduct } from './product'

export const owner = { name: 'Ada Owner', email: 'ada@example.test', password: 'correct horse battery' }
export const signedIn = path.resolve(import.meta.dirname, '../test-results/owner.json')

/** Starts the product once for all tests and makes the first owner through the link that it printed. */
export default async function globalSetup(config: FullConfig): Promise<() => Promise<void>> {
  const product = await startProduct()
  process.env.INTERCEPT_E2E = JSON.stringify(product)
  const browser = await chromium.launch(config.projects[0]?.use.launchOptions)
  try {
    const page = await browser.newPage()
    await page.goto(product.setupUrl)
    await page.getByLabel('Name').fill(owner.name)
    await page.getByLabel('E-mail').fill(owner.email)
    await page.getByLabel('Password', { exact: true }).fill(owner.password)
    await page.getByRole('button', { name: /create/i }).click()
    await page.waitForURL(/\/overview/)
    mkdirSync(path.dirname(signedIn), { recursive: true })
    await page.context().storageState({ path: signedIn })
  } catch (error) {
    await product.stop()
    throw error
  } finally {
    await browser.close()
  }
  return () => product.stop()
}
