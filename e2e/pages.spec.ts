import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './fixtures'
import { consolePages, publicPages } from './pages'

for (const [name, path] of [...publicPages, ...consolePages]) {
  test(`${name}: no serious finding of axe, nothing blocked, no sideways scroll`, async ({ page }) => {
    const wrong: string[] = []
    page.on('console', message => message.type() === 'error' && wrong.push(message.text()))
    page.on('pageerror', error => wrong.push(String(error)))
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.setViewportSize({ width: 1440, height: 900 })
      const response = await page.goto(path)
      expect(response?.status()).toBe(200)
      // Whoever is signed out gets another page with 200, and axe would judge that one.
      if (path !== '/sign-in') expect(page.url()).not.toContain('/sign-in')
      await page.waitForLoadState('networkidle')
      const { violations } = await new AxeBuilder({ page }).analyze()
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' | ')}`)).toEqual([])
      await page.setViewportSize({ width: 390, height: 844 })
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(overflow, 'pixels that scroll sideways at 390').toBeLessThanOrEqual(0)
    }
    expect(wrong).toEqual([])
  })
}

test('headers: strict policy with a nonce, no framing, no sniffing', async ({ request, page }) => {
  const response = await request.get('/sign-in')
  const policy = response.headers()['content-security-policy'] ?? ''
  expect(policy).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'/)
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/script-src[^;]*unsafe/)
  expect(response.headers()['x-content-type-options']).toBe('nosniff')
  const [first, second] = [await page.goto('/'), await page.goto('/')]
  expect(first?.headers()['content-security-policy']).not.toBe(second?.headers()['content-security-policy'])
})

test('a signed-out browser sees no page of the console', async ({ browser, product }) => {
  const context = await browser.newContext({ storageState: undefined, baseURL: product.consoleUrl })
  const page = await context.newPage()
  for (const [, path] of consolePages) {
    await page.goto(path)
    expect(page.url()).toContain('/sign-in')
  }
  await context.close()
})
