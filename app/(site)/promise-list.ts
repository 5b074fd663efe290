/** What holds, with the test that breaks it on purpose. A test checks that each file is there. */
export const promises = [
  {
    title: 'Exactly N',
    text: 'One limit, ten times N calls at once, several proxies on one database: N pass.',
    test: 'lib/limits/stores.test.ts',
  },
  {
    title: 'Nobody rewrites the record',
    text: 'The console’s and the proxy’s own database roles try to change, delete or truncate it. Postgres refuses.',
    test: 'lib/db/rights.test.ts',
  },
] as const
