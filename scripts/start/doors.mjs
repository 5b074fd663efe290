import { statfsSync } from 'node:fs'
import { get } from 'node:http'
import { get as getOverTls } from 'node:https'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from './failure.mjs'

/** @typedef {import('./settings.mjs').Door} Door */

/** @param {Door} door @param {NodeJS.ErrnoException} error */
function sentence({ name, host, port }, error) {
  const prefix = name.toUpperCase()
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host}, for the ${name}, is in use. Stop what listens there, or set ${prefix}_PORT to a free port.`
    case 'EACCES':
      return `Port ${port}, for the ${name}, needs rights that this user does not have. Set ${prefix}_PORT to 1024 or more.`
    default:
      return `The ${name} cannot listen on ${host} (${error.code}). Set ${prefix}_HOST to an address of this machine.`
  }
}

/** Makes sure that a door can be opened, before minutes are spent on a build. @param {Door} door */
export async function checkDoor(door) {
  const server = createServer()
  await new Promise((resolve, reject) => {
    server.once('error', error => reject(new Failure(sentence(door, error))))
    server.listen(door.port, door.host, () => resolve(undefined))
  })
  await new Promise(resolve => server.close(resolve))
}

/** @param {string} folder @param {number} megabytes @param {string} what */
export function checkSpace(folder, megabytes, what) {
  const { bavail, bsize } = statfsSync(folder)
  const free = Math.floor((bavail * bsize) / 1_048_576)
  if (free < megabytes)
    throw new Failure(
      `The disk is full: ${free} MB are free at ${folder}, and ${what} needs ${megabytes} MB. Free some space and run this again.`,
    )
}

/** Whether something speaks HTTP behind a door. @param {Door} door @param {string} path */
function answers(door, path) {
  const host = door.host === '0.0.0.0' ? '127.0.0.1' : door.host === '::' ? '::1' : door.host
  return new Promise(resolve => {
    // Whose certificate it is does not matter here: nothing is sent, and only the status is read.
    const options = { host, port: door.port, path, timeout: 2_000, agent: false, rejectUnauthorized: false }
    const request = (door.isTls ? getOverTls : get)(options, response => {
      response.resume()
      resolve((response.statusCode ?? 500) < 500)
    })
    request.once('error', () => resolve(false))
    request.once('timeout', () => request.destroy())
  })
}

/**
 * Waits until a door answers.
 * @param {Door} door @param {string} path @param {{ timeoutMs: number, signal: AbortSignal, log: string }} options
 */
export async function waitForDoor(door, path, { timeoutMs, signal, log }) {
  const until = Date.now() + timeoutMs
  while (!(await answers(door, path))) {
    if (signal.aborted) return
    if (Date.now() > until)
      throw new Failure(
        `The ${door.name} did not answer on ${door.host}:${door.port} within ${timeoutMs / 1000} s; see ${log}.`,
      )
    await sleep(50)
  }
}
