import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { PROXY_FLAGS } from '../proxy-flags.mjs'
import { buildConsole, buildProxy, generateClient } from './build.mjs'
import { Deaths, LogFile, SupervisedChild } from './child.mjs'
import { runDatabaseTask } from './database.mjs'
import { checkDoor, checkSpace, waitForDoor } from './doors.mjs'
import { Failure, sentenceFor } from './failure.mjs'
import { install } from './install.mjs'
import { postmasterOf, RunFile, stopPostgres } from './processes.mjs'
import { consoleEnvironment, forwarderEnvironment, proxyEnvironment, readSettings, root } from './settings.mjs'

const maintenanceMs = 6 * 3_600_000
const postgresCheckMs = 1_000
const readyMs = 60_000
/** Since the signal, in ms: when what still runs is ended by force. SIGTERM has to have stopped everything within 3 s. */
const deadlines = { children: 1_000, postgres: 2_000 }
const parentCheckMs = 200

const say = line => process.stdout.write(`${line}\n`)

/** `npm start`. Ends the process by itself: 0 after Ctrl-C or SIGTERM, 1 after a failure. */
export async function start() {
  // A closed terminal or pipe must not end the product half way.
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
  const launcher = new Launcher()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => launcher.end())
  process.on('uncaughtException', error => launcher.fail(error))
  process.on('unhandledRejection', error => launcher.fail(error))
  endWithNpm(() => launcher.end())
  await launcher.begin().catch(error => launcher.fail(error))
}

/** npm ends at SIGTERM without passing it on, so a launcher that npm started ends when its parent does. @param {() => void} end */
function endWithNpm(end) {
  const parent = process.ppid
  if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && end(), parentCheckMs).unref()
}

class Launcher {
  #stopping = new AbortController()
  /** @type {SupervisedChild[]} */
  #children = []
  /** @type {NodeJS.Timeout[]} */
  #timers = []
  #postgresDeaths = new Deaths()
  /** @type {import('./settings.mjs').Settings | undefined} */
  #settings
  /** @type {RunFile | undefined} */
  #run

  async begin() {
    const settings = readSettings()
    const { dataDir } = settings
    makeDataFolder(dataDir)
    const run = new RunFile(dataDir)
    const running = await run.takeOver()
    if (running)
      throw new Failure(
        `Intercept already runs on ${dataDir} (process ${running.pid}). Stop it first, or set DATA_DIR to another folder.`,
      )
    this.#settings = settings
    this.#run = run
    await Promise.all([checkDoor(settings.console), checkDoor(settings.proxy)])
    const options = { cwd: root, signal: this.#stopping.signal, run }
    checkSpace(dataDir, 150, 'the data folder')
    await install(options)
    await generateClient(options)
    await buildConsole(options)
    await buildProxy(options)
    const prepared = await runDatabaseTask(settings, 'prepare', options)
    this.#startChildren(prepared)
    await this.#waitUntilReady()
    // Last, so that it takes nothing from the start of what people and agents wait for.
    this.#startForwarder(prepared)
    if (this.#stopping.signal.aborted) return
    this.#announce(prepared)
    // Behind the start, since a day that is dropped may take a while.
    await this.#maintain()
  }

  /** @param {import('./database.mjs').Prepared} prepared */
  #startChildren(prepared) {
    const settings = /** @type {import('./settings.mjs').Settings} */ (this.#settings)
    const current = prepared
    const next = path.join(root, 'node_modules/next/dist/bin/next')
    const source = pathToFileURL(path.join(import.meta.dirname, 'request-source.mjs')).href
    const { host, port } = settings.console
    const plans = {
      console: () => ({
        words: [process.execPath, '--import', source, next, 'start', '-H', host, '-p', String(port)],
        environment: consoleEnvironment(settings, current.consoleUrl),
      }),
      proxy: () => ({
        words: [process.execPath, ...PROXY_FLAGS, '--enable-source-maps', 'dist/proxy.mjs'],
        environment: proxyEnvironment(settings, current.proxyUrl),
      }),
    }
    const giveUp = sentence => this.fail(new Failure(sentence))
    for (const [name, plan] of Object.entries(plans)) this.#startChild(name, plan, giveUp)
    if (settings.embedded) this.#timers.push(setInterval(() => this.#watchPostgres(current), postgresCheckMs))
    this.#timers.push(setInterval(() => this.#maintain(), maintenanceMs))
  }

  /**
   * Sends records on to sinks. Calls are decided and recorded without it, so that it ends nothing but itself.
   * @param {import('./database.mjs').Prepared} current
   */
  #startForwarder(current) {
    const settings = /** @type {import('./settings.mjs').Settings} */ (this.#settings)
    const plan = () => ({
      words: [process.execPath, '--max-old-space-size=256', 'cli/intercept.mjs', 'audit', 'forward'],
      environment: forwarderEnvironment(settings, current.consoleUrl),
    })
    const giveUp = sentence => say(`${sentence} Records are not sent on until the next start; all else goes on.`)
    this.#startChild('forwarder', plan, giveUp)
  }

  /** @param {string} name @param {() => { words: string[], environment: NodeJS.ProcessEnv }} plan @param {(sentence: string) => void} giveUp */
  #startChild(name, plan, giveUp) {
    if (this.#stopping.signal.aborted) return
    const run = /** @type {RunFile} */ (this.#run)
    const around = { log: new LogFile(this.#log(name)), run, say, giveUp }
    const child = new SupervisedChild(name, () => ({ cwd: root, ...plan() }), around)
    this.#children.push(child)
    child.start()
  }

  /** @param {string} name */
  #log(name) {
    return path.join(this.#settings?.dataDir ?? '', 'logs', `${name}.log`)
  }

  async #waitUntilReady() {
    const settings = /** @type {import('./settings.mjs').Settings} */ (this.#settings)
    const wait = (door, address) =>
      waitForDoor(door, address, { timeoutMs: readyMs, signal: this.#stopping.signal, log: this.#log(door.name) })
    await Promise.all([wait(settings.console, '/api/health'), wait(settings.proxy, '/')])
  }

  /** @param {import('./database.mjs').Prepared} prepared */
  #announce({ setupUrl }) {
    const settings = /** @type {import('./settings.mjs').Settings} */ (this.#settings)
    say(`\n  Console  ${settings.console.url}`)
    say(`  Proxy    ${settings.proxy.url}  (agents connect to ${settings.proxy.url}/mcp/<server>)`)
    if (setupUrl) say(`\n  Become the first owner with this link, once and within the hour:\n  ${setupUrl}`)
    say(`\n  Ctrl-C stops everything. Logs: ${path.join(settings.dataDir, 'logs')}\n`)
  }

  /** Starts a Postgres that died; console and proxy wait for it by themselves. */
  #recovering = false
  /** @param {import('./database.mjs').Prepared} current */
  async #watchPostgres(current) {
    const settings = /** @type {import('./settings.mjs').Settings} */ (this.#settings)
    if (this.#recovering || this.#stopping.signal.aborted || postmasterOf(settings.dataDir) !== null) return
    this.#recovering = true
    try {
      const delayMs = this.#postgresDeaths.count()
      const log = path.join(settings.dataDir, 'postgres/log')
      if (delayMs === null) throw new Failure(`Postgres ended, the fifth time within a minute. See ${log}.`)
      say(`Postgres ended; it starts again in ${delayMs / 1000} s`)
      await new Promise(resolve => setTimeout(resolve, delayMs))
      const again = await this.#task('prepare')
      const moved = again.consoleUrl !== current.consoleUrl
      Object.assign(current, again)
      if (moved) for (const child of this.#children) child.renew()
    } catch (error) {
      await this.fail(error)
    } finally {
      this.#recovering = false
    }
  }

  async #maintain() {
    try {
      await this.#task('maintain')
    } catch (error) {
      if (!this.#stopping.signal.aborted)
        say(`Maintenance of the database failed; it is tried again in 6 h: ${error.message}`)
    }
  }

  /** @param {'prepare' | 'maintain'} task */
  #task(task) {
    const settings = /** @type {import('./settings.mjs').Settings} */ (this.#settings)
    const run = /** @type {RunFile} */ (this.#run)
    return runDatabaseTask(settings, task, { signal: this.#stopping.signal, run, quiet: true })
  }

  /** Says what went wrong in one sentence, stops everything and ends with 1. @param {unknown} error */
  async fail(error) {
    if (this.#stopping.signal.aborted) return
    const message = error instanceof Error ? error.message : String(error)
    const sentence =
      error instanceof Failure ? message : (sentenceFor(message) ?? (error instanceof Error ? error.stack : message))
    process.stderr.write(`\n${sentence}\n`)
    if (error instanceof Failure && error.detail) process.stderr.write(`\n${error.detail}\n`)
    await this.end(1)
  }

  /** Stops console and proxy, then Postgres. A second signal changes nothing: npm passes on what the terminal sent too. */
  async end(code = 0) {
    if (this.#stopping.signal.aborted) return
    const began = Date.now()
    this.#stopping.abort()
    this.#run?.markStopping()
    for (const timer of this.#timers) clearInterval(timer)
    await Promise.all(this.#children.map(child => child.stop(deadlines.children)))
    if (this.#settings?.embedded && this.#run)
      await stopPostgres(this.#settings.dataDir, began + deadlines.postgres - Date.now())
    this.#run?.close()
    process.exit(code)
  }
}

/** @param {string} dataDir */
function makeDataFolder(dataDir) {
  try {
    mkdirSync(path.join(dataDir, 'logs'), { recursive: true, mode: 0o700 })
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    const sentence = sentenceFor(`${code} ${message}`)
    throw new Failure(
      sentence ?? `The data folder ${dataDir} cannot be made (${code}). Set DATA_DIR to a folder that can be written.`,
    )
  }
}
