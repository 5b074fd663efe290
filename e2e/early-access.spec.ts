import { expect, test } from './fixtures'
import { signedIn } from './set-up'

test.use({ storageState: { cookies: [], origins: [] } })

test('(e) early access: errors are named beside their fields, and a second request of one address makes no second row', async ({
  page,
  browser,
}) => {
  await page.goto('/')
  const form = page
    .locator('form')
    .filter({ has: page.getByLabel('E-mail') })
    .first()
  const submit = form.getByRole('button', { name: /access/i })
  await form.getByLabel('E-mail').fill('not an address')
  await submit.click()
  await expect(form.getByText(/e-mail|address/i).last()).toBeVisible()
  await expect(form.getByLabel('E-mail')).toHaveAttribute('aria-invalid', 'true')
  await expect(form.getByLabel('E-mail'), 'nothing typed is lost').toHaveValue('not an address')

  for (const attempt of ['first', 'second']) {
    await page.goto('/')
    await form.getByLabel('E-mail').fill('Grace@Example.test')
    await form.getByLabel('Company').fill('Harbour Ltd')
    await form.getByLabel(/what you run/i).fill('Claude Code against 12 servers')
    await submit.click()
    await expect(page.getByText(/noted|thank|received|in the queue/i).first(), attempt).toBeVisible()
  }

  const owner = await browser.newContext({
    storageState: signedIn,
    baseURL: new URL(page.url()).origin,
  })
  const console = await owner.newPage()
  await console.goto('/settings/early-access')
  await expect(console.getByText('grace@example.test')).toHaveCount(1)
  await owner.close()
})

test('get in touch', async ({ page }) => {
  await page.goto('/contact')
  await page.getByLabel('Name').fill('Grace')
  await page.getByLabel('E-mail').fill('grace@example.test')
  await page.getByLabel('Message').fill('How do grants expire?')
  await page.getByRole('button', { name: /send/i }).click()
  await expect(page.getByText(/noted|thank|received|read/i).first()).toBeVisible()
})
