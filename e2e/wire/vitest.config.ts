import path from 'node:path'
import { defineConfig } from 'vitest/config'

// The proxy against other people's suites, servers and clients, and against servers and clients that mean it harm.
export default defineConfig({
  resolve: { alias: { '@': path.resolve(import.meta.dirname, '../..') } },
  test: {
    root: path.resolve(import.meta.dirname, '../..'),
    include: ['e2e/wire/**/*.test.ts'],
    globalSetup: ['lib/db/testing-setup.ts', 'e2e/wire/third-party-setup.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
  },
})
