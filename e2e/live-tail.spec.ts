import { expect, test } from './fixtures'

// The audit page follows the record: in a real browser, through the real proxy, without a reload.

test('a call shows as it is recorded; with a row open it waits, and says so', async ({ page, connect }) => {
  const agent = await connect('demo-agent')
  // A tool that is not there is refused and recorded, whatever the policies of other tests allow.
  const call = (tool: string) => agent.call(tool, { executionId: `exec-${tool}` })
  const rows = page.getByRole('table', { name: 'Decisions' })
  await call('live_first')
  await page.goto('/audit?range=1h')
  await expect(page.getByText('Following: new records come as they are recorded')).toBeVisible()
  await page.evaluate(() => Object.assign(window, { isSamePage: true }))

  await call('live_second')
  await expect(rows.getByText('live_second', { exact: true })).toBeVisible()

  await rows.getByRole('row').filter({ hasText: 'live_second' }).getByRole('link').first().click()
  await expect(page.getByRole('complementary', { name: 'Decision' })).toContainText('live_second')
  await call('live_third')
  await expect(page.getByText('1 new, held while you read')).toBeVisible()
  await expect(rows.getByText('live_third', { exact: true })).toHaveCount(0)
  await page.getByRole('link', { name: 'show', exact: true }).click()
  await expect(rows.getByText('live_third', { exact: true })).toBeVisible()
  expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true)
})

test('a value in the arguments is typed, found, and stays in the address', async ({ page, connect }) => {
  const agent = await connect('demo-agent')
  await agent.call('typed_tool', { executionId: 'exec-typed-1' })
  const rows = page.getByRole('table', { name: 'Decisions' })
  await expect
    .poll(async () => {
      await page.goto('/audit?range=1h')
      return rows.getByText('typed_tool', { exact: true }).count()
    })
    .toBeGreaterThan(0)
  await page.getByRole('searchbox').fill('args.executionId:exec-typed-1')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/args\.executionId=exec-typed-1/)
  await expect(rows.getByRole('link')).toHaveCount(1)
  await page.getByRole('link', { name: 'Remove the filter on args.executionId' }).click()
  await expect(page).not.toHaveURL(/args/)
})
