import { expect, test } from 'vitest'
import { boundedQueue, QueueFullError } from './bounded-queue'
import { NewPassword, refuseWeakPassword } from './members'
import { hashPassword, NO_PASSWORD, STANDARD_COST, verifyPassword } from './password'
import { Refusal } from './refusal'

const cheap = { ln: 10, r: 8, p: 1 }

test('the standard cost is what OWASP asks of scrypt: N = 2^17, r = 8, p = 1', async () => {
  expect(2 ** STANDARD_COST.ln).toBeGreaterThanOrEqual(131_072)
  const stored = await hashPassword('correct horse battery')
  expect(stored).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$/)
  expect(await verifyPassword('correct horse battery', stored)).toBe(true)
  expect(await verifyPassword('correct horse batterx', stored)).toBe(false)
})

test('two hashes of one password differ, and a hash says itself what it cost', async () => {
  const [one, two] = [await hashPassword('correct horse battery', cheap), await hashPassword('x', cheap)]
  expect(one).not.toBe(await hashPassword('correct horse battery', cheap))
  expect(await verifyPassword('correct horse battery', one)).toBe(true)
  expect(await verifyPassword('correct horse battery', two)).toBe(false)
})

test('composed and decomposed letters are one password', async () => {
  const stored = await hashPassword('caf\u00e9 au lait bleu', cheap)
  expect(await verifyPassword('cafe\u0301 au lait bleu', stored)).toBe(true)
})

test.each([
  ['nothing', ''],
  ['another scheme', '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b7dWRWJTmaaJObG'],
  ['a cost that would eat the memory', NO_PASSWORD.replace('ln=17', 'ln=31')],
  ['a cut hash', NO_PASSWORD.slice(0, -1)],
])('no password opens %s', async (_what, stored) => {
  expect(await verifyPassword('correct horse battery', stored)).toBe(false)
})

test('a flood of checks runs two at a time, waits in a bounded line and refuses the rest', async () => {
  const queue = boundedQueue({ running: 2, waiting: 3 })
  let running = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++running)
    await new Promise(resolve => setTimeout(resolve, 5))
    running -= 1
    return 'done'
  }
  const results = await Promise.allSettled(Array.from({ length: 9 }, () => queue.run(work)))
  expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(5)
  expect(results.slice(5).every(each => each.status === 'rejected' && each.reason instanceof QueueFullError)).toBe(true)
  expect(most).toBe(2)
  // Work that failed gives its place back.
  await expect(queue.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await queue.run(work)).toBe('done')
})

test.each([
  ['elevenchars', false],
  ['aaaaaaaaaaaaaaaaaaaa', false],
  ['twelve chars', true],
  ['x'.repeat(100) + 'abcdefg'.repeat(15), false],
])('the rules take %j: %s', (password, accepted) => {
  expect(NewPassword.safeParse(password).success).toBe(accepted)
})

test.each([
  ['ada@example.com1', false],
  ['Lovelace-Lovelace', false],
  ['lovelace with seven other words', true],
  ['tea at nine past four', true],
])('a password on one’s own name is refused: %j %s', (password, accepted) => {
  const check = () => refuseWeakPassword(password, { name: 'Ada Lovelace', email: 'ada@example.com' })
  if (accepted) expect(check).not.toThrow()
  else expect(check).toThrow(Refusal)
})
