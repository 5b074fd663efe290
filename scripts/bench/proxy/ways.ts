import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PROXY_FLAGS } from '../../proxy-flags.mjs'
import { writeNginxConfig } from './nginx'
import type { Place } from './place'
import { CORES, freePort, startProcess, untilAnswers } from './processes'
import { beginSessions } from './sessions'
import type { Target } from './wrk'

/** Something that calls go through, up and ready. */
export interface Way {
  readonly name: string
  readonly target: Target
  /** null where there is nothing between the load and the upstream. */
  readonly process: ChildProcess | null
  /** Whether it is another Node proxy, to be compared with. */
  readonly isPeer: boolean
  /** Waits until it has done what it does behind a call: ship the record. */
  settle(): Promise<void>
}

export const SESSIONS = 8
const nothing = async () => undefined
const here = import.meta.dirname
export const serversFolder = path.resolve(here, '../../../e2e/servers')

/** The upstream, on the core of the load. @returns its port */
export async function startUpstream(): Promise<{ port: number; process: ChildProcess }> {
  const port = await freePort()
  const environment = { PORT: String(port) }
  const process_ = startProcess([process.execPath, path.join(here, 'bare-upstream.mjs')], {
    core: CORES.others,
    environment,
  })
  await untilAnswers(`http://127.0.0.1:${port}/count`)
  return { port, process: process_ }
}

export async function directWay(url: string): Promise<Way> {
  return { name: 'direct', target: await beginSessions(url, 1), process: null, isPeer: false, settle: nothing }
}

export async function nginxWay(folder: string, upstreamPort: number, path_: string): Promise<Way> {
  const port = await freePort()
  const config = writeNginxConfig(folder, port, upstreamPort)
  const child = startProcess(['nginx', '-p', folder, '-c', config], { core: CORES.measured })
  await untilAnswers(`http://127.0.0.1:${port}/count`)
  const target = await beginSessions(`http://127.0.0.1:${port}${path_}`, 1)
  return { name: 'nginx', target, process: child, isPeer: false, settle: nothing }
}

export interface OwnOptions {
  readonly name: string
  readonly bundle: string
  readonly durability: 'append' | 'fsync'
  readonly slug: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Our proxy. @returns the way, and milliseconds from its start to `/readyz` */
export async function ownWay(place: Place, options: OwnOptions): Promise<{ way: Way; readyMs: number }> {
  const { name, bundle, durability, slug } = options
  const port = await freePort()
  const environment = {
    ...place.environment(name.replace(/[^a-z0-9]+/g, '-')),
    PROXY_PORT: String(port),
    AUDIT_DURABILITY: durability,
    ...options.environment,
  }
  const from = performance.now()
  const child = startProcess([process.execPath, ...PROXY_FLAGS, bundle], {
    core: CORES.measured,
    environment,
    log: path.join(place.folder, 'proxies.log'),
  })
  const origin = `http://127.0.0.1:${port}`
  await untilAnswers(`${origin}/readyz`, status => status === 200)
  const readyMs = performance.now() - from
  const target = await beginSessions(`${origin}/mcp/${slug}`, SESSIONS, place.key)
  return { way: { name, target, process: child, isPeer: false, settle: () => untilShipped(origin) }, readyMs }
}

/** Until Postgres has the record, five seconds at most. */
async function untilShipped(origin: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const text = await (await fetch(`${origin}/metrics`)).text()
    if (/^intercept_spool_bytes 0$/m.test(text)) return
    await sleep(50)
  }
}

/** A relay that passes bytes on and no more: what is left of our cost is what we add. */
export async function relayWay(environment: Record<string, string>): Promise<Way> {
  const words = [process.execPath, path.join(here, 'bare-relay.mjs')]
  return { ...(await peerWay('bare relay', words, environment)), isPeer: false }
}

/** Another Node proxy, with the words that start it; it takes its port and its upstream from the environment. */
export async function peerWay(name: string, words: string[], environment: Record<string, string>): Promise<Way> {
  const port = await freePort()
  const child = startProcess(
    words.map(word => word.replace('{port}', String(port))),
    { core: CORES.measured, environment: { ...environment, PORT: String(port) } },
  )
  const origin = `http://127.0.0.1:${port}`
  await untilAnswers(`${origin}/ready`)
  return { name, target: await beginSessions(`${origin}/mcp`, SESSIONS), process: child, isPeer: true, settle: nothing }
}

export const peerFile = (name: string) => path.join(here, 'peers', `${name}.mjs`)
