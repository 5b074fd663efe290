import path from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { '@': path.resolve(import.meta.dirname) } },
  test: {
    include: ['{app,components,lib,prisma,proxy,cli,scripts}/**/*.test.{ts,tsx}'],
    // What starts the whole product is run by `npm test` alone: scripts/start/vitest.config.ts.
    exclude: ['**/node_modules/**', 'scripts/start/**/*.slow.test.ts'],
    globalSetup: ['lib/db/testing-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
