import { Agent, freshWindow } from './agent'
import { expect, test } from './fixtures'
import { upstreamRequests } from './product'
import { publishChange, withRules } from './workbench'

const query = { action: 'query', executionId: 'e1', name: 'progress' }

test('the running server lists its tools through the proxy, and a call reaches the vendor', async ({
  product,
  connect,
}) => {
  const agent = await connect('demo-agent')
  expect(await agent.tools()).toContain('workflow_interact')
  const before = upstreamRequests(product).length
  const answer = await agent.call('workflow_interact', query)
  expect(answer.text).toContain('progress')
  expect(answer).toMatchObject({ isError: false, refused: null })
  expect(upstreamRequests(product).length).toBe(before + 1)
})

test('(a) max: 2 refuses the third call of a window, and Blocked names the rule and its line', async ({
  page,
  product,
  connect,
}) => {
  const agent = await connect('demo-agent')
  await publishChange(page, text => text.replace(/max: 10\b/, 'max: 2'), 'Two a minute')
  await expect.poll(async () => (await agent.client.listTools()).tools.length, { timeout: 2_000 }).toBeGreaterThan(0)
  await page.waitForTimeout(1_000)
  await freshWindow()
  const before = upstreamRequests(product).length
  const codes: (string | undefined)[] = []
  for (let i = 0; i < 3; i++) codes.push((await agent.call('workflow_interact', query)).refused?.code)
  expect(codes).toEqual([undefined, undefined, 'rate_limited'])
  expect(upstreamRequests(product).length).toBe(before + 2)

  await page.goto('/blocked')
  const row = page
    .getByRole('row')
    .filter({ hasText: 'workflow_interact' })
    .filter({ hasText: /limited/i })
    .first()
  await expect(row).toBeVisible()
  await expect(row).toContainText(/mistral.*L\d+|L\d+/)
})

test('(b) deny with a reason: the agent reads the reason', async ({ page, connect }) => {
  const agent = await connect('demo-agent')
  const reason = 'Workflows are frozen until Monday.'
  await publishChange(
    page,
    withRules(
      'workflow_interact',
      `    rules:\n      - name: frozen\n        action: deny\n        reason: ${reason}\n`,
    ),
    'Freeze',
  )
  await expect
    .poll(async () => (await agent.call('workflow_interact', query)).text, { timeout: 2_000 })
    .toBe(`[INTERCEPT POLICY DENIED] ${reason}`)
  const { refused } = await agent.call('workflow_interact', query)
  expect(refused).toMatchObject({ code: 'policy_denied', rule: 'frozen' })

  await page.goto(`/audit?decision=${refused?.id}`)
  const panel = page.getByRole('complementary', { name: 'Decision' })
  await expect(panel).toContainText(reason)
  await expect(panel).toContainText('frozen')
})

test('(c) a new identity, its key and grant in the console; revoked, the next call is refused within two seconds', async ({
  page,
  product,
}) => {
  await page.goto('/identities/new')
  await page.getByLabel('Name').fill('night-runner')
  await page.getByRole('button', { name: /^Add/ }).click()
  await page.waitForURL(/\/identities\/night-runner/)

  await page.getByRole('button', { name: /grant/i }).first().click()
  await page.getByLabel('Server').selectOption('mistral')
  await page.getByRole('textbox', { name: 'Tools' }).fill('workflow_*')
  await page
    .getByRole('button', { name: /^(Add|Issue) grant$|^Grant$/ })
    .last()
    .click()
  await expect(page.getByText('workflow_*').first()).toBeVisible()

  await page
    .getByRole('button', { name: /issue key/i })
    .first()
    .click()
  const confirm = page.getByRole('dialog').getByRole('button', { name: /issue/i })
  if (await confirm.isVisible().catch(() => false)) await confirm.click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText(/ik_\w{8}_[\w-]{43}/)
  const key = (await dialog.innerText()).match(/ik_\w{8}_[\w-]{43}/)?.[0] ?? ''

  const agent = await Agent.connect(product.proxyUrl, 'mistral', key)
  expect((await agent.tools()).every(name => name.startsWith('workflow_'))).toBe(true)
  expect((await agent.call('mistral_chat', { messages: [] })).refused?.code).toBe('not_available')
  expect((await agent.call('workflow_interact', query)).refused?.code).not.toBe('not_available')

  await page.goto('/identities/night-runner')
  await page
    .getByRole('button', { name: /^Revoke/ })
    .last()
    .click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Revoke/ })
    .click()
  await expect
    .poll(
      () =>
        agent.call('workflow_interact', query).then(
          answer => answer.refused?.code ?? 'answered',
          () => 'refused',
        ),
      { timeout: 2_000 },
    )
    .toMatch(/refused|not_available/)
  await agent.close().catch(() => undefined)
})

test('(d) a call without executionId is refused and never reaches the child', async ({ page, product, connect }) => {
  await publishChange(
    page,
    withRules(
      'workflow_interact',
      '    rules:\n      - action: allow\n        rate_limit: { max: 100, window: 60 }\n        validate: { required_args: true }\n',
    ),
    'Open again',
  )
  const agent = await connect('demo-agent')
  await expect.poll(async () => (await agent.call('workflow_interact', query)).refused, { timeout: 2_000 }).toBeNull()
  const before = upstreamRequests(product).length
  const answer = await agent.call('workflow_interact', { action: 'query', name: 'progress' })
  expect(answer.refused?.code).toBe('invalid_arguments')
  expect(answer.text).toContain('executionId')
  expect(upstreamRequests(product).length).toBe(before)
})

test('(f) the overview shows the calls just made', async ({ page, connect }) => {
  const agent = await connect('demo-agent')
  await agent.call('workflow_interact', query)
  await expect
    .poll(async () => {
      await page.goto('/overview?range=1h')
      return page.getByRole('main').innerText()
    })
    .toMatch(/In the last hour[\s\S]*calls? (was|were) decided/)
  await expect(page.getByRole('main')).toContainText('workflow_interact')
  await expect(page.getByRole('main')).toContainText('demo-agent')
})
