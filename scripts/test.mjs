// `npm test`: everything, from a fresh clone. Ends with one line `N passed, N failed` and a non-zero exit code on any failure.
// With --long the property tests run longer.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { buildConsole, buildProxy, generateClient } from './start/build.mjs'
import { Failure } from './start/failure.mjs'
import { install } from './start/install.mjs'
import { signalGroup } from './start/processes.mjs'
import { root, toolEnvironment } from './start/settings.mjs'
import { runTool, step } from './start/steps.mjs'
import {
  closingLine,
  countPlaywright,
  countVitest,
  failedInPlaywright,
  failedInVitest,
  filesToRunAgain,
  flakyInPlaywright,
  none,
  one,
  sum,
} from './test-count.mjs'

const results = path.join(root, 'test-results')
const chromium = process.env.CHROMIUM_PATH || '/usr/bin/chromium'
const stopping = new AbortController()
const options = { cwd: root, signal: stopping.signal }
const environment = { ...toolEnvironment(), ...(process.argv.includes('--long') ? { INTERCEPT_LONG: '1' } : {}) }
/** @param {string} name */
const tool = name => path.join(root, 'node_modules/.bin', name)
/** What failed, said once more at the end: the output before it is long, and a log keeps its tail. @type {import('./test-count.mjs').Failed[]} */
const failures = []
/** What failed and then passed in a second run, alone. Counted as passed, and named, so that it is looked into. @type {string[]} */
const unsteady = []
const say = line => process.stdout.write(`${line}\n`)

/** Runs a test runner with its output shown. @param {string[]} words @param {NodeJS.ProcessEnv} [more] @returns {Promise<boolean>} */
function run([file = '', ...rest], more = {}) {
  return new Promise(resolve => {
    if (stopping.signal.aborted) return resolve(false)
    const child = spawn(file, rest, {
      cwd: root,
      env: { ...environment, ...more },
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const stop = () => child.pid && signalGroup(child.pid, 'SIGTERM')
    stopping.signal.addEventListener('abort', stop, { once: true })
    child.once('error', error => {
      say(`${file} could not be run: ${error.message}`)
      resolve(false)
    })
    child.once('close', code => {
      stopping.signal.removeEventListener('abort', stop)
      resolve(code === 0)
    })
  })
}

/** @param {string} file */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** A check that counts as one; what it says is shown when it fails. @param {string} name @param {string[]} words */
async function check(name, words) {
  try {
    await step(name, () => runTool(name, words, { ...options, environment }))
    return one(true)
  } catch (error) {
    report(error)
    failures.push({ name, message: '' })
    return one(false)
  }
}

/** @param {unknown} error */
function report(error) {
  if (!(error instanceof Failure)) throw error
  say(`\n${error.message}\n${error.detail}\n`)
}

/** @param {string} name @param {string[]} words */
async function vitest(name, ...words) {
  const file = path.join(results, `${name}.json`)
  rmSync(file, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const ok = await run([tool('vitest'), 'run', ...reporters, ...words])
  return { ok, outcome: readReport(file) }
}

/** @param {string} name @param {string[]} words */
async function runVitest(name, ...words) {
  const { ok, outcome } = await vitest(name, ...words)
  const files = ok || stopping.signal.aborted ? [] : filesToRunAgain(outcome, root)
  const again = files.length > 0 ? await vitest(`${name}-again`, ...words, ...files) : null
  if (again?.ok) {
    const { passed, failed, skipped } = countVitest(outcome, ok)
    unsteady.push(...failedInVitest(outcome).map(each => `${each.name}\n${each.message}`))
    return { passed: passed + failed, failed: 0, skipped }
  }
  failures.push(...failedInVitest(outcome))
  return countVitest(outcome, ok)
}

/** Debian's packages that tests use. Playwright's own browser needs a download from elsewhere than the package registry. */
const packages = [
  { name: 'chromium', file: chromium },
  { name: 'redis-server', file: '/usr/bin/redis-server' },
  { name: 'nats-server', file: '/usr/sbin/nats-server' },
]

/** Installs what is missing, where that may be done without asking. What is not there then, its tests say. */
async function installPackages() {
  const missing = packages.filter(({ file }) => !existsSync(file)).map(({ name }) => name)
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  const words = ['apt-get', 'install', '--yes', '--no-install-recommends', ...missing]
  const quietly = { ...options, environment: { ...environment, DEBIAN_FRONTEND: 'noninteractive' }, network: true }
  try {
    await step(`Installing ${missing.join(', ')}`, async () => {
      await runTool('apt-get update', ['apt-get', 'update'], quietly)
      await runTool(words.slice(0, 2).join(' '), words, quietly)
    })
  } catch (error) {
    report(error)
  }
}

function requireChromium() {
  if (existsSync(chromium)) return
  throw new Failure(
    `The browser tests need Chromium at ${chromium}. Run \`sudo apt-get install --yes --no-install-recommends chromium\`, or set CHROMIUM_PATH.`,
  )
}

async function runPlaywright() {
  try {
    requireChromium()
  } catch (error) {
    report(error)
    failures.push({ name: 'Playwright', message: 'There is no browser.' })
    return one(false)
  }
  const file = path.join(results, 'playwright.json')
  rmSync(file, { force: true })
  const words = [tool('playwright'), 'test', '-c', 'e2e/playwright.config.ts', '--reporter=list,json']
  const ok = await run(words, { PLAYWRIGHT_JSON_OUTPUT_NAME: file, CHROMIUM_PATH: chromium })
  // Playwright empties its folder of results before it writes there.
  const outcome = readReport(file)
  failures.push(...failedInPlaywright(outcome))
  unsteady.push(...flakyInPlaywright(outcome))
  return countPlaywright(outcome, ok)
}

/** Next's types of routes and assets, which the compiler needs and a fresh clone lacks. */
const typegen = () => runTool('next typegen', [tool('next'), 'typegen'], { ...options, environment })

async function testAll() {
  await installPackages()
  await install(options)
  await generateClient(options)
  await typegen()
  mkdirSync(results, { recursive: true })
  const counts = [
    await check('Format', [tool('biome'), 'check', '.']),
    await check('Lint and floors', [tool('oxlint')]),
    await check('Types', [tool('tsc'), '--noEmit', '-p', 'tsconfig.check.json']),
    await check('Types of the kernel alone', [tool('tsc'), '--noEmit', '-p', 'lib/policy/tsconfig.json']),
    await runVitest('vitest'),
  ]
  try {
    await buildConsole(options)
    await buildProxy(options)
    counts.push(
      one(true),
      await runVitest('launcher', '--config', 'scripts/start/vitest.config.ts'),
      await runVitest('wire', '--config', 'e2e/wire/vitest.config.ts'),
      await runPlaywright(),
    )
  } catch (error) {
    report(error)
    counts.push(one(false))
  }
  return sum(counts)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopping.abort())

let total = none
try {
  total = await testAll()
} catch (error) {
  report(error)
  total = sum([total, one(false)])
}
if (stopping.signal.aborted) say('\nStopped before the end.')
for (const each of unsteady) say(`\nPASSED ONLY WHEN RUN AGAIN, ALONE ${each.replace(`${root}/`, '')}`)
for (const { name, message } of failures) say(`\nFAILED ${name.replace(`${root}/`, '')}\n${message}`)
say(`\n${closingLine(total)}`)
process.exit(total.failed > 0 || stopping.signal.aborted ? 1 : 0)
