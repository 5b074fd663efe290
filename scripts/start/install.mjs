import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { checkSpace } from './doors.mjs'
import { root, toolEnvironment } from './settings.mjs'
import { runTool, step } from './steps.mjs'

/** @param {string} file */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages ?? null
  } catch {
    return null
  }
}

/**
 * Whether the packages of npm's account of an installation are those of a lock file. An optional one may be absent: it is
 * for another platform; a link is a folder of ours.
 * @param {Record<string, any> | null} wanted @param {Record<string, any> | null} present
 */
export function matches(wanted, present) {
  if (!wanted || !present) return false
  return Object.entries(wanted).every(([name, { version, optional, devOptional, peer, link }]) => {
    if (name === '' || link) return true
    return present[name] ? present[name].version === version : Boolean(optional || devOptional || peer)
  })
}

/** npm writes its account as the last thing, so that an interrupted installation does not count. */
export function isInstalled() {
  return matches(readPackages('package-lock.json'), readPackages('node_modules/.package-lock.json'))
}

/** npm as it runs this script, else the one on the path. */
function npm() {
  const script = process.env.npm_execpath
  return script?.endsWith('npm-cli.js') ? [process.execPath, script] : ['npm']
}

/** Installs the packages of the lock file, development tools too: they build the product. @param {import('./steps.mjs').ToolOptions} options */
export async function install(options) {
  if (isInstalled()) return
  checkSpace(root, 1500, 'installing the packages')
  const words = [...npm(), 'ci', '--include=dev', '--no-audit', '--no-fund']
  await step('Installing packages', () =>
    runTool('npm ci', words, { ...options, environment: toolEnvironment(), network: true }),
  )
}

/**
 * One digest over the sources under `places`, tests left out, so that a build is repeated when and only when one changed.
 * @param {string[]} places files and folders of the checkout; what is absent counts as such
 */
export function digestOf(places) {
  const hash = createHash('sha256').update(process.version)
  /** @param {string} place */
  const add = place => {
    if (place === 'lib/db/generated' || /\.test\.tsx?$/.test(place)) return
    const absolute = path.join(root, place)
    try {
      for (const name of readdirSync(absolute).sort()) add(`${place}/${name}`)
    } catch {
      try {
        hash.update(`\0${place}\0`).update(readFileSync(absolute))
      } catch {
        hash.update(`\0${place} is absent\0`)
      }
    }
  }
  for (const place of places) add(place)
  return hash.digest('hex')
}
