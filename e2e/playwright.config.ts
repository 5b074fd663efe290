import { defineConfig } from '@playwright/test'

// One worker: the tests share one product and its one clock. The browser is Debian's; Playwright's own needs a download.
export default defineConfig({
  testDir: '.',
  globalSetup: './global.ts',
  testMatch: '*.spec.ts',
  outputDir: '../test-results',
  workers: 1,
  // What passes only the second time is named at the end of `npm test`.
  retries: 1,
  timeout: 150_000,
  expect: { timeout: 10_000 },
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-quic',
      ],
    },
    trace: 'retain-on-failure',
  },
})
