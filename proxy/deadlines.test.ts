import { expect, test } from 'vitest'
import { seedActor } from '@/lib/auth/model'
import { addServer, updateServer } from '@/lib/catalogue/commands'
import { DEADLINES, deadlinesOf, Pending, type Reply } from './mcp/pending'
import { startGateway, until } from './testing/gateway'

// How long a call may take, by the proxy's defaults and by what a server's steward has set.
test('by default a call may work for long: a minute of silence is nothing', () => {
  expect(DEADLINES.idleMs).toBeGreaterThan(60_000)
  expect(DEADLINES.totalMs).toBeGreaterThan(DEADLINES.idleMs)
  expect(deadlinesOf({})).toEqual({ idleMs: DEADLINES.idleMs, totalMs: DEADLINES.totalMs })
  expect(deadlinesOf({ idleDeadlineSeconds: 30, deadlineSeconds: null })).toEqual({
    idleMs: 30_000,
    totalMs: DEADLINES.totalMs,
  })
})

test('signs of life put off the deadline of silence, and none puts off the last one', async () => {
  let deadlines = { idleMs: 1_000, totalMs: 5_000 }
  const pending = new Pending(() => deadlines)
  const began = Date.now()
  const replies: Reply[] = []
  for (const id of ['silent', 'lively']) void pending.wait(id).then(reply => replies.push(reply))
  pending.sweep(began + 900)
  expect(pending.size).toBe(2)
  pending.sweep(began + 1_500)
  expect(pending.size).toBe(0)
  await until(() => replies.length === 2)
  expect(replies[0]).toMatchObject({
    kind: 'failure',
    failure: { wasSent: true, message: expect.stringMatching(/in time/) },
  })
  // Raised while a request waits, it holds for that one too.
  void pending.wait('patient')
  deadlines = { idleMs: 60_000, totalMs: 5_000 }
  pending.sweep(Date.now() + 4_000)
  expect(pending.has('patient')).toBe(true)
  pending.hear('patient')
  pending.sweep(Date.now() + 5_500)
  expect(pending.has('patient')).toBe(false)
})

test('what a steward sets ends a silent call, and the record says that its outcome is unknown', async () => {
  const gateway = await startGateway()
  const client = await gateway.connect()
  await updateServer(seedActor, { slug: 'fixture', deadlineSeconds: 5 })
  await expect(client.callTool({ name: 'slow', arguments: { ms: 60_000 } })).rejects.toThrow(/did not answer in time/)
  const [row] = await gateway.decisions()
  expect(row).toMatchObject({ tool: 'slow', effect: 'allow', outcome: 'unknown' })
  await updateServer(seedActor, { slug: 'fixture', deadlineSeconds: null })
  const [server] = await gateway.database.database.sql.query('SELECT deadline_seconds FROM servers')
  expect(server).toEqual({ deadline_seconds: null })
  await gateway.stop()
})

test.each([4, 86_401, 7.5])('a deadline of %d seconds is refused', async deadlineSeconds => {
  const input = { slug: 'x', transport: 'stdio' as const, command: ['node'], deadlineSeconds }
  await expect(addServer(seedActor, input)).rejects.toThrow(/deadline/i)
})
