import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { authorise, command } from '@/lib/auth/command'
import { type Actor, can } from '@/lib/auth/model'
import { parseInput, Refusal, refuseField } from '@/lib/auth/refusal'
import type { Prisma } from '@/lib/db/client'
import { sqlIn } from '@/lib/db/client'
import { database } from '@/lib/db/current'
import { uuidv7 } from '@/lib/db/uuid'
import { readEnv } from '@/lib/env'
import { placeOf, SinkInput, SinkName, SinkPatch } from './model'
import { isForwarding } from './queries'
import { readHeads } from './read-links'
import { openSecrets, sealSecrets } from './secrets'
import { type SinkRecord, sinkByName, sinkFacts } from './sink-record'

const Named = z.strictObject({ name: SinkName })

/** How long a test waits for the forwarder: longer than a receiver may stay silent. */
const TEST_MS = 25_000
const LOOK_EVERY_MS = 200

/** Whoever lets arguments out must be allowed to read them. */
function authoriseArguments(actor: Actor, withArguments: boolean): void {
  if (withArguments && !can(actor, 'read.arguments'))
    throw new Refusal(
      'forbidden',
      'This sink sends arguments along, and your roles do not include reading them. Leave them out, or ask an owner.',
    )
}

const namesOf = (secrets: object) =>
  Object.entries(secrets)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name)
    .sort()

/** Adds a sink; the forwarder begins with it within a second. @throws Refusal */
export async function addSink(actor: Actor, input: SinkInput): Promise<{ id: string; name: string }> {
  return command(actor, 'sink.manage', SinkInput, input, async ({ tx, change }, sink) => {
    authoriseArguments(actor, sink.withArguments)
    const id = uuidv7()
    const data = {
      id,
      name: sink.name,
      kind: sink.kind,
      settings: sink.settings as Prisma.InputJsonObject,
      sealed: sealSecrets(readEnv().secret, id, sink.secrets),
      secretNames: namesOf(sink.secrets),
      effects: sink.effects,
      servers: sink.servers,
      withArguments: sink.withArguments,
      cursor: sink.start === 'now' ? Object.fromEntries(await readHeads(sqlIn(tx))) : {},
    }
    const { count } = await tx.sink.createMany({ data: [data], skipDuplicates: true })
    if (count === 0) throw refuseField('name', `There is a sink ${sink.name} already. Choose another name.`)
    const after = { ...sinkFacts(await sinkByName(tx, sink.name)), start: sink.start }
    await change({ action: 'sink.add', entity: 'sink', entityId: id, label: sink.name, after })
    return { id, name: sink.name }
  })
}

/** Secrets were given for one place; moved along unseen, they would go to another. */
function refuseCarriedSecrets(before: SinkRecord, settings: object, given: object): void {
  if (placeOf(before.settings) === placeOf(settings)) return
  const carried = before.secretNames.filter(name => !(name in given))
  if (carried.length > 0)
    throw refuseField('secrets', `The sink moves to another place: set ${carried.join(', ')} again, or remove it.`)
}

/** Changes a sink; its cursor stays. @throws Refusal */
export async function updateSink(actor: Actor, input: z.input<typeof SinkPatch>): Promise<{ name: string }> {
  return command(actor, 'sink.manage', SinkPatch, input, async ({ tx, change }, patch) => {
    const before = await sinkByName(tx, patch.name)
    const secret = readEnv().secret
    const secrets = Object.entries({ ...openSecrets(secret, before), ...patch.secrets })
    const given = Object.entries({ ...before.settings, ...patch.settings })
    const next = parseInput(SinkInput, {
      name: before.name,
      kind: before.kind,
      effects: patch.effects ?? before.effects,
      servers: patch.servers ?? before.servers,
      withArguments: patch.withArguments ?? before.withArguments,
      settings: Object.fromEntries(given.filter(([, value]) => value !== null)),
      secrets: Object.fromEntries(secrets.filter(([, value]) => value !== null)),
    })
    authoriseArguments(actor, next.withArguments)
    refuseCarriedSecrets(before, next.settings, patch.secrets)
    const touched = Object.keys(patch.secrets)
    await tx.sink.update({
      where: { id: before.id },
      data: {
        settings: next.settings as Prisma.InputJsonObject,
        effects: next.effects,
        servers: next.servers,
        withArguments: next.withArguments,
        ...(touched.length > 0
          ? { sealed: sealSecrets(secret, before.id, next.secrets), secretNames: namesOf(next.secrets) }
          : {}),
      },
    })
    await change({
      action: 'sink.update',
      entity: 'sink',
      entityId: before.id,
      label: before.name,
      before: sinkFacts(before),
      after: {
        ...sinkFacts(await sinkByName(tx, before.name)),
        ...(touched.length > 0 ? { secretsSet: touched } : {}),
      },
    })
    return { name: before.name }
  })
}

/** Stops sending; the cursor stays where it is. @throws Refusal */
export async function pauseSink(actor: Actor, input: z.input<typeof Named>): Promise<{ name: string }> {
  return setPaused(actor, input, new Date())
}

/** Goes on from where it was paused. @throws Refusal */
export async function resumeSink(actor: Actor, input: z.input<typeof Named>): Promise<{ name: string }> {
  return setPaused(actor, input, null)
}

function setPaused(actor: Actor, input: z.input<typeof Named>, pausedAt: Date | null): Promise<{ name: string }> {
  return command(actor, 'sink.manage', Named, input, async ({ tx, change }, { name }) => {
    const before = await sinkByName(tx, name)
    if ((before.pausedAt !== null) === (pausedAt !== null))
      throw new Refusal('conflict', `The sink ${name} is ${pausedAt ? 'paused already' : 'not paused'}.`)
    if (pausedAt === null) authoriseArguments(actor, before.withArguments)
    await tx.sink.update({ where: { id: before.id }, data: { pausedAt } })
    const action = pausedAt ? 'sink.pause' : 'sink.resume'
    const after = sinkFacts({ ...before, pausedAt })
    await change({ action, entity: 'sink', entityId: before.id, label: name, before: sinkFacts(before), after })
    return { name }
  })
}

/** Removes a sink with its credentials and its cursor; what was sent stays where it is. @throws Refusal */
export async function removeSink(actor: Actor, input: z.input<typeof Named>): Promise<{ name: string }> {
  return command(actor, 'sink.manage', Named, input, async ({ tx, change }, { name }) => {
    const before = await sinkByName(tx, name)
    await tx.sink.delete({ where: { id: before.id } })
    await change({ action: 'sink.remove', entity: 'sink', entityId: before.id, label: name, before: sinkFacts(before) })
    return { name }
  })
}

/**
 * Has the forwarder send one marked event, from where it runs and with what it runs with, and waits for its word.
 * @returns `error` null when the receiver took it
 * @throws Refusal `conflict` when no forwarder answers
 */
export async function testSink(
  actor: Actor,
  input: z.input<typeof Named>,
): Promise<{ name: string; error: string | null }> {
  authorise(actor, 'sink.manage')
  const { name } = parseInput(Named, input)
  if (!(await isForwarding()))
    throw new Refusal('conflict', 'No forwarder runs that could send a test. Start `intercept audit forward`.')
  const id = uuidv7()
  await command(actor, 'sink.manage', Named, { name }, async ({ tx, change }) => {
    const sink = await sinkByName(tx, name)
    await tx.sink.update({ where: { id: sink.id }, data: { testWanted: id } })
    await change({ action: 'sink.test', entity: 'sink', entityId: sink.id, label: name })
  })
  const until = Date.now() + TEST_MS
  while (Date.now() < until) {
    await sleep(LOOK_EVERY_MS)
    const sink = await database().prisma.sink.findUnique({
      where: { name },
      select: { testDone: true, testError: true },
    })
    if (sink?.testDone === id) return { name, error: sink.testError }
  }
  throw new Refusal(
    'conflict',
    `The forwarder said nothing of the test within ${TEST_MS / 1000} s. Its log may say why.`,
  )
}
