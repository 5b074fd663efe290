import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { checkSpace } from './doors.mjs'
import { digestOf } from './install.mjs'
import { root, toolEnvironment } from './settings.mjs'
import { runTool, step } from './steps.mjs'

/** @typedef {import('./steps.mjs').ToolOptions} ToolOptions */

/** @param {string} name */
const tool = name => path.join(root, 'node_modules/.bin', name)

/**
 * Makes something unless it was made from the same sources before.
 * @param {string} stamp file that keeps the digest; inside what is made, so that removing one removes both
 * @param {string[]} sources @param {() => Promise<unknown>} make
 */
async function makeOnce(stamp, sources, make) {
  const file = path.join(root, stamp)
  const digest = digestOf(sources)
  if (existsSync(file) && readFileSync(file, 'utf8') === digest) return
  await make()
  writeFileSync(file, digest)
}

/** The generated client. Prisma's command wants to download an engine that `generate` does not need. @param {ToolOptions} options */
export function generateClient(options) {
  const environment = { ...toolEnvironment(), PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true' }
  const sources = ['prisma/schema.prisma', 'prisma.config.ts', 'node_modules/prisma/package.json']
  return makeOnce('lib/db/generated/.stamp', sources, () =>
    step('Generating the database client', () =>
      runTool('prisma generate', [tool('prisma'), 'generate'], { ...options, environment }),
    ),
  )
}

/** @param {ToolOptions} options */
export function buildConsole(options) {
  const configs = [
    'next.config.mjs',
    'postcss.config.mjs',
    'tsconfig.json',
    'package-lock.json',
    'prisma/schema.prisma',
  ]
  const sources = ['app', 'components', 'lib', 'public', 'proxy.ts', ...configs]
  const environment = { ...toolEnvironment(), NODE_ENV: 'production' }
  return makeOnce('.next/intercept-stamp', sources, () => {
    checkSpace(root, 300, 'building the console')
    return step('Building the console', () =>
      runTool('next build', [tool('next'), 'build'], { ...options, environment }),
    )
  })
}

/** @param {ToolOptions} options */
export function buildProxy(options) {
  const environment = toolEnvironment()
  return makeOnce('dist/proxy.stamp', ['proxy', 'lib', 'scripts/build-proxy.mjs', 'package-lock.json'], () =>
    step('Bundling the proxy', () =>
      runTool('scripts/build-proxy.mjs', [process.execPath, 'scripts/build-proxy.mjs'], { ...options, environment }),
    ),
  )
}
