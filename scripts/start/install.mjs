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
 * Whether node_modules holds what the lock file says. npm writes its own account of an installation as the last thing,
 * so an interrupted one does not count.
 */
export function isInstalled() {
  const wanted = readPackages('package-lock.json')
  const present = readPackages('node_modules/.package-lock.json')
  if (!wanted || !present) return false
  // A link is a workspace of ours; an optional package may be for another platform.
  return Object.entries(wanted).every(
    ([name, { version, optional, devOptional, peer, link }]) =>
      name === '' ||
      link ||
      present[name]?.version === version ||
      (!present[name] && (optional || devOptional || peer)),
  )
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
