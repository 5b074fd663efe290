import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** @typedef {{ folder: string, inputs: string[], fingerprint: string }} Stamp */

/** Small packages that every command needs start faster from the bundle; the rest is loaded from node_modules when used. */
const bundled = /^(@noble\/hashes|ajv|commander|fast-deep-equal|fast-uri|json-schema-traverse|re2js|yaml|zod)(\/|$)/
const unusedMs = 24 * 3_600_000

/** Changes when one of the files does, or the lock file, or Node. @param {string} root @param {string[]} inputs */
function fingerprintOf(root, inputs) {
  const hash = createHash('sha256').update(process.version)
  for (const input of [...inputs, 'package-lock.json', 'cli/bundle.mjs', 'lib/db/generated/client.ts']) {
    const stat = statSync(path.join(root, input), { throwIfNoEntry: false })
    hash.update(`${input} ${stat?.mtimeMs} ${stat?.size}\n`)
  }
  return hash.digest('hex').slice(0, 24)
}

/** @param {string} file @returns {Stamp | null} */
function readStamp(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** The generated client is not there right after `npm ci`; commands that need it say so, the others run. @param {string} root */
const generatedClient = root => ({
  name: 'generated-client',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    if (existsSync(path.join(root, 'lib/db/generated/client.ts'))) return
    build.onResolve({ filter: /\/generated\/client$/ }, () => ({ path: 'absent', namespace: 'absent' }))
    build.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({
      contents: `throw new Error('The database client is not generated yet. Run \`npm start\` first.')
        export const Prisma = undefined, PrismaClient = undefined`,
    }))
  },
})

/** @param {string} root @param {string} folder @returns {Promise<string[]>} sources that went in, relative to `root` */
async function bundle(root, folder) {
  const { build } = await import('esbuild')
  const { metafile } = await build({
    absWorkingDir: root,
    // `intercept run` loads the second when it is asked for: the command line does not import the proxy.
    entryPoints: { main: 'cli/main.ts', run: 'proxy/run.ts' },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    metafile: true,
    logLevel: 'silent',
    // What comes as CommonJS asks for Node's modules by require.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    plugins: [generatedClient(root), externalPackages],
  })
  return Object.keys(metafile.inputs).filter(input => !/node_modules|^absent:/.test(input))
}

/** @type {import('esbuild').Plugin} */
const externalPackages = {
  name: 'external-packages',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path: name, kind }) =>
      kind === 'entry-point' || name.startsWith('@/') || bundled.test(name)
        ? undefined
        : { path: name, external: true },
    )
  },
}

/** Bundles of earlier sources, once no process can be loading from them any more. @param {string} cache @param {string} current */
function dropOld(cache, current) {
  for (const name of readdirSync(cache)) {
    const folder = path.join(cache, name)
    const stat = statSync(folder, { throwIfNoEntry: false })
    if (name !== current && stat?.isDirectory() && Date.now() - stat.mtimeMs > unusedMs)
      rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The bundle of cli/main.ts for the sources as they are, made when they changed. Two that make it at once make the same.
 * @param {string} root the checkout @returns {Promise<string>} path of its main module
 */
export async function findBundle(root) {
  const cache = path.join(root, 'node_modules/.cache/intercept')
  const stampFile = path.join(cache, 'cli.json')
  const stamp = readStamp(stampFile)
  if (stamp && fingerprintOf(root, stamp.inputs) === stamp.fingerprint) {
    const main = path.join(cache, stamp.folder, 'main.mjs')
    if (existsSync(main)) return main
  }
  mkdirSync(cache, { recursive: true })
  const making = path.join(cache, `making-${process.pid}-${Date.now().toString(36)}`)
  const inputs = await bundle(root, making)
  const fingerprint = fingerprintOf(root, inputs)
  const target = path.join(cache, fingerprint)
  try {
    renameSync(making, target)
  } catch {
    rmSync(making, { recursive: true, force: true })
  }
  writeFileSync(`${stampFile}.${process.pid}`, JSON.stringify({ folder: fingerprint, inputs, fingerprint }))
  renameSync(`${stampFile}.${process.pid}`, stampFile)
  dropOld(cache, fingerprint)
  return path.join(target, 'main.mjs')
}
