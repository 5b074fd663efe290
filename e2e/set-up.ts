import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Browser } from '@playwright/test'
import type { Product } from './product'

export const owner = { name: 'Ada Owner', email: 'ada@example.test', password: 'correct horse battery' }
export const signedIn = path.resolve(import.meta.dirname, '../test-results/owner.json')

/** Makes the first owner through the one-time link, in a browser, and keeps its cookies; returns the file. */
export async function makeOwner(browser: Browser, product: Product): Promise<string> {
  const page = await browser.newPage()
  await page.goto(product.setupUrl)
  await page.getByLabel('Name').fill(owner.name)
  await page.getByLabel('E-mail').fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(owner.password)
  await page.getByRole('button', { name: /create/i }).click()
  await page.waitForURL(/\/overview/)
  mkdirSync(path.dirname(signedIn), { recursive: true })
  await page.context().storageState({ path: signedIn })
  await page.close()
  return signedIn
}
