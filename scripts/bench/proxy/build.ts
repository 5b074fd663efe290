import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '../../..')
export const proxyBundle = path.join(root, 'dist/proxy.mjs')

/** Builds the proxy as `npm start` does. @throws Error when it does not build */
export function buildProxy(): void {
  const built = spawnSync(process.execPath, [path.join(root, 'scripts/build-proxy.mjs')], { stdio: 'inherit' })
  if (built.status !== 0) throw new Error('The proxy does not build; see above.')
}

/**
 * The same relay without a record: the spool's place is taken by one that keeps nothing, when the bench bundles it. The
 * product has no switch for that.
 */
export async function buildUnrecorded(): Promise<{ file: string; remove: () => void }> {
  // Beside node_modules, from where the bundle finds its packages.
  const folder = mkdtempSync(path.join(root, 'node_modules/.intercept-bench-'))
  const file = path.join(folder, 'unrecorded.mjs')
  await build({
    absWorkingDir: root,
    entryPoints: ['proxy/main.ts'],
    outfile: file,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    plugins: [
      {
        name: 'no-record',
        setup: ({ onResolve }) => {
          onResolve({ filter: /^\.\/decision-writer$/ }, ({ importer }) =>
            importer.endsWith('/proxy/proxy.ts') ? { path: path.join(import.meta.dirname, 'null-writer.ts') } : null,
          )
        },
      },
    ],
  })
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
