import { expect, test } from './fixtures'

test('a change names where its request came from, whatever the request says of itself', async ({ page }) => {
  await page.context().setExtraHTTPHeaders({ 'x-forwarded-for': '6.6.6.6' })
  await page.goto('/servers/mistral/edit')
  await page.getByLabel('Longest call, seconds').fill('1800')
  await page.getByRole('button', { name: 'Save server' }).click()
  await page.waitForURL(/\/servers\/mistral$/)
  await expect(page.getByText('30 min', { exact: true })).toBeVisible()
  await page.goto('/changes')
  const row = page.getByRole('row').filter({ hasText: 'server.update' }).first()
  await expect(row).toContainText(/127\.0\.0\.1|::1/)
  await expect(page.locator('body')).not.toContainText('6.6.6.6')
})
