// Bundles proxy/main.ts into dist/proxy.mjs, since Node 20 runs no TypeScript. Packages stay outside: they are installed anyway.
import path from 'node:path'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '..')

await build({
  absWorkingDir: root,
  entryPoints: ['proxy/main.ts'],
  outfile: 'dist/proxy.mjs',
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
}).catch(() => {
  // esbuild has said where and why.
  process.exit(1)
})
