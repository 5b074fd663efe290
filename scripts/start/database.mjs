import { fork } from 'node:child_process'
import path from 'node:path'
import { Failure, lastLines, sentenceFor } from './failure.mjs'
import { signalGroup } from './processes.mjs'
import { ownerEnvironment, root } from './settings.mjs'
import { StepLine } from './steps.mjs'

/** @typedef {{ consoleUrl: string, proxyUrl: string, setupUrl: string | null }} Prepared */
/** @typedef {{ signal: AbortSignal, run: import('./processes.mjs').RunFile, quiet?: boolean }} Options */

/**
 * Runs scripts/prepare-database.ts, which alone holds the owner's address, and hands on what it reports.
 * @param {import('./settings.mjs').Settings} settings @param {'prepare' | 'maintain'} task @param {Options} options
 * @returns {Promise<Prepared>}
 */
export async function runDatabaseTask(settings, task, { signal, run, quiet = false }) {
  if (signal.aborted) throw new Failure('The start was stopped.')
  const child = fork(path.join(root, 'scripts/prepare-database.ts'), [task], {
    cwd: root,
    env: ownerEnvironment(settings),
    execArgv: ['--import', 'tsx'],
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const pid = child.pid ?? 0
  if (pid) run.add('database', pid)
  const stop = () => pid && signalGroup(pid, 'SIGKILL')
  signal.addEventListener('abort', stop, { once: true })
  /** @type {string[]} */
  const notices = []
  /** @type {StepLine | undefined} */
  let line
  const begin = name => {
    line?.end()
    line = quiet ? undefined : new StepLine(name)
  }
  let output = ''
  const read = chunk => {
    output = (output + chunk).slice(-64 * 1024)
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  try {
    const result = await new Promise((resolve, reject) => {
      /** @type {Prepared | undefined} */
      let prepared
      child.on('message', message => {
        if (message.step) begin(message.step)
        if (message.notice) notices.push(message.notice)
        if (message.failure) reject(new Failure(message.failure))
        if (message.prepared) prepared = message.prepared
      })
      child.once('error', error => reject(new Failure(`The database could not be prepared: ${error.message}.`)))
      child.once('close', code => {
        if (code === 0 && prepared) return resolve(prepared)
        if (signal.aborted) return reject(new Failure('The start was stopped.'))
        const sentence = sentenceFor(output)
        reject(
          new Failure(
            sentence ?? `Preparing the database ended with exit code ${code}.`,
            sentence ? '' : lastLines(output),
          ),
        )
      })
    })
    line?.end()
    for (const notice of notices) process.stdout.write(`  ${notice}\n`)
    return result
  } catch (error) {
    line?.end(false)
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    run.remove(pid)
  }
}
