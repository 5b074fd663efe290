import path from 'node:path'
import { defineConfig } from 'vitest/config'

// Starts and kills the whole product in a clone of its own; run by `npm test` after the build, which the clone shares.
const root = path.resolve(import.meta.dirname, '../..')

export default defineConfig({
  root,
  resolve: { alias: { '@': root } },
  test: {
    include: ['scripts/start/**/*.slow.test.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 420_000,
  },
})
