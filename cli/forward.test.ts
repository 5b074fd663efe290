import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testSink } from '@/lib/audit/sinks/commands'
import {
  eventually,
  type Forwarding,
  forwarding,
  placesIn,
  placesOf,
  SECRET,
} from '@/lib/audit/sinks/testing/forwarding'
import { type HttpReceiver, httpReceiver } from '@/lib/audit/sinks/testing/http-receiver'
import { seedActor } from '@/lib/auth/model'

// The process as it runs: `intercept audit forward`, killed at any moment.

let world: Forwarding
let receiver: HttpReceiver
const running = new Set<ChildProcess>()
beforeEach(async () => {
  world = await forwarding()
  receiver = await httpReceiver()
  await world.addHook(receiver.url)
})
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
  await world.close()
  await receiver.close()
})

function forward() {
  const environment = {
    NODE_ENV: process.env.NODE_ENV,
    PATH: process.env.PATH,
    CONSOLE_DATABASE_URL: world.db.consoleUrl,
    DATABASE_URL: '',
    PROXY_DATABASE_URL: '',
    INTERCEPT_SECRET: SECRET,
    DATA_DIR: world.folder,
  }
  const entry = path.resolve(import.meta.dirname, 'intercept.mjs')
  const child = spawn(process.execPath, [entry, 'audit', 'forward'], { env: environment })
  running.add(child)
  let said = ''
  child.stderr.on('data', chunk => {
    said += chunk
  })
  const ended = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
  return { child, ended, said: () => said, isActive: () => said.includes('this process forwards records') }
}

test('killed at any moment: every record arrives at least once, and what comes twice says so by its id', async () => {
  const chains = [await world.record(400)]
  const forwarders = [forward(), forward()]
  let killed = 0
  for (const rounds of [1, 2, 3]) {
    const taken = receiver.taken().length
    await eventually(
      () => receiver.taken().length > taken && forwarders.some(each => each.isActive() && running.has(each.child)),
      () => forwarders.map(each => each.said()),
    )
    const active = forwarders.find(each => each.isActive() && running.has(each.child))
    active?.child.kill('SIGKILL')
    running.delete(active?.child as ChildProcess)
    killed += 1
    forwarders.push(forward())
    chains.push(await world.record(200 * rounds))
  }
  await world.caughtUp('hook')
  const arrived = placesIn(receiver.taken())
  expect(killed).toBe(3)
  expect([...new Set(arrived)].sort()).toEqual(placesOf(...chains).sort())
  // Two events of one id are one event.
  const lines = receiver.taken().flatMap(body => body.trim().split('\n'))
  expect(new Set(lines).size).toBe(new Set(lines.map(line => JSON.parse(line).id)).size)
  process.stdout.write(
    `forwarder killed ${killed} times: ${arrived.length - new Set(arrived).size} records came twice\n`,
  )
})

test('asked to stop, it ends within its second and with 0, and says nothing that is secret', async () => {
  await world.record(50)
  const { child, ended, said } = forward()
  await world.caughtUp('hook')
  expect(await testSink(seedActor, { name: 'hook' })).toEqual({ name: 'hook', error: null })
  expect(JSON.parse(receiver.taken().at(-1) ?? '')).toMatchObject({ kind: 'test', sink: 'hook', record: null })
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(said()).not.toMatch(/shared secret|thirty-two/)
})
