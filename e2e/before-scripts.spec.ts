import { expect, test } from './fixtures'
import { MISTRAL_POLICY } from './workbench'

test('what is written before the scripts are there is kept when they come', async ({ page }) => {
  let release: () => void = () => undefined
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  await page.route(/\/_next\/static\/.*\.js/, async route => {
    await held
    await route.continue()
  })
  await page.goto(`/policies/${MISTRAL_POLICY}`, { waitUntil: 'commit' })
  const field = page.locator('textarea[name=text]')
  const before = await field.inputValue()
  await field.fill(`# written early\n${before}`)
  await page.getByRole('textbox', { name: 'Note' }).fill('noted early')
  release()
  await expect(page.locator('.cm-content')).toContainText('# written early')
  await expect(field).toHaveValue(`# written early\n${before}`)
  await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('noted early')
  await expect(page.getByRole('button', { name: 'Save draft' })).toBeEnabled()
})
