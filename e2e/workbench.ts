import type { Page } from '@playwright/test'
import { expect } from './fixtures'

export const MISTRAL_POLICY = 'io-github-swih-mistral-mcp.yaml'

/** Opens the policy of the seed, changes its text in the editor as a person would, and publishes it. */
export async function publishChange(page: Page, change: (text: string) => string, note: string): Promise<void> {
  await page.goto(`/policies/${MISTRAL_POLICY}`)
  const editor = page.getByRole('textbox', { name: 'Policy text' })
  // The plain field becomes the editor once its code is there; what a machine types before that is nobody's.
  await expect(page.locator('.cm-content')).toBeVisible()
  const before = await page.locator('textarea[name=text], input[name=text]').first().inputValue()
  const after = change(before)
  expect(after, 'the change finds what it changes').not.toBe(before)
  await editor.click()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(after)
  await page.getByRole('textbox', { name: 'Note' }).fill(note)
  const publish = page.getByRole('button', { name: /^Publish r\d+$/ })
  const number = (await publish.innerText()).replace(/\D/g, '')
  await publish.click()
  await expect(page.getByText(new RegExp(`r${number}\\b.*in force|published r?${number}`, 'i')).first()).toBeVisible()
}

/** Replaces the rules of one tool's entry, up to the next entry of the same depth or the end of `tools`. */
export function withRules(tool: string, rules: string): (text: string) => string {
  return text => text.replace(new RegExp(`(^  ${tool}:\\n)(?:(?:    .*| *#.*|)\\n)+`, 'm'), `$1${rules}`)
}
