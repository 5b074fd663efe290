import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seedActor } from '@/lib/auth/model'
import { replaceDatabase } from '@/lib/db/current'
import { type TestDatabase, testDatabase } from '@/lib/db/testing'
import { uuidv7 } from '@/lib/db/uuid'
import { chainOf, type TestChain } from '../../testing/chains'
import { recordChain } from '../../testing/recorded'
import { addSink } from '../commands'
import { Forwarder, type ForwarderOptions } from '../forward/forwarder'
import type { SinkInput } from '../model'
import { readSink, type SinkView } from '../queries'

export const SECRET = 'a secret of at least thirty-two characters'
const LONGEST_MS = 20_000

/** Waits for what must happen. */
export async function eventually(what: () => boolean | Promise<boolean>, say: () => unknown = () => ''): Promise<void> {
  const until = Date.now() + LONGEST_MS
  while (!(await what())) {
    if (Date.now() > until) throw new Error(`not within ${LONGEST_MS} ms: ${JSON.stringify(say())}`)
    await sleep(20)
  }
}

/** A database of a test's own with records in it, and forwarders that send them on. */
export async function forwarding() {
  process.env.INTERCEPT_SECRET = SECRET
  const db: TestDatabase = await testDatabase()
  replaceDatabase(db.database)
  const folder = mkdtempSync(path.join(tmpdir(), 'intercept-sinks-'))
  const running = new Set<Forwarder>()
  const lines: string[] = []
  const say = (fields: object, words: string) => lines.push(JSON.stringify({ ...fields, words }))
  return {
    db,
    folder,
    /** What forwarders logged. */
    lines,
    async start(more: Partial<ForwarderOptions> = {}): Promise<Forwarder> {
      const forwarder = new Forwarder({
        databaseUrl: db.consoleUrl,
        secret: SECRET,
        filesFolder: folder,
        metricsPort: undefined,
        log: { info: say, warn: say },
        lookEveryMs: 50,
        ...more,
      })
      running.add(forwarder)
      await forwarder.start()
      return forwarder
    },
    async stop(forwarder: Forwarder): Promise<void> {
      running.delete(forwarder)
      await forwarder.stop()
    },
    add: (input: Omit<SinkInput, 'start'>) => addSink(seedActor, { ...input, start: 'beginning' } as SinkInput),
    /** A webhook by the name of `hook`, that sends from the first record on. */
    addHook: (url: string) =>
      addSink(seedActor, {
        name: 'hook',
        kind: 'webhook',
        settings: { url, allowPrivate: true },
        secrets: { signingSecret: 'a shared secret of thirty letters' },
        start: 'beginning',
      }),
    /** Until a sink has sent all that is there. */
    async caughtUp(name: string): Promise<SinkView> {
      let view = await readSink(seedActor, name)
      await eventually(
        async () => {
          view = await readSink(seedActor, name)
          return view.behind === 0
        },
        () => view,
      )
      return view
    },
    async close(): Promise<void> {
      await Promise.all([...running].map(forwarder => forwarder.stop()))
      replaceDatabase(undefined)
      await db.close()
      rmSync(folder, { recursive: true })
    },
    /** Records a new chain of so many calls, each a decision and an outcome. */
    async record(calls: number, more: Parameters<typeof chainOf>[1] = {}): Promise<TestChain> {
      const chain = chainOf(calls, { chain: uuidv7(), ...more })
      await recordChain(db.proxyUrl, chain)
      return chain
    },
  }
}
export type Forwarding = Awaited<ReturnType<typeof forwarding>>

/** `<chain>:<number>` of each event in NDJSON. */
export function placesIn(bodies: readonly string[]): string[] {
  return bodies
    .flatMap(body => body.split('\n').filter(Boolean))
    .map(line => JSON.parse(line))
    .map(({ chain, sequence }) => `${chain}:${sequence}`)
}

/** The same of what was recorded. */
export function placesOf(...chains: readonly TestChain[]): string[] {
  return chains.flatMap(({ chain, links }) => links.map(({ sequence }) => `${chain}:${sequence}`))
}
