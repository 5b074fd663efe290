/** What holds, with the test that breaks it on purpose. A test checks that each file is there. */
export const promises = [
  {
    title: 'No record, no call',
    text: 'Kill the proxy, fill its disk, take Postgres away: either the call did not happen, or a record says that its outcome is unknown.',
    test: 'proxy/outages.test.ts',
  },
  {
    title: 'No policy, no call',
    text: 'A proxy without a revision denies everything. One that lost its source goes on with the last it verified.',
    test: 'proxy/outages.test.ts',
  },
  {
    title: 'Exactly N',
    text: 'Two proxies, one limit, ten times N calls at once: N pass.',
    test: 'lib/limits/stores.test.ts',
  },
  {
    title: 'Revoked is gone',
    text: 'Revoke a key while its session is open: the next call is refused, and what was streaming ends.',
    test: 'proxy/doors.test.ts',
  },
  {
    title: 'What is judged is what is sent',
    text: 'Duplicate keys, batches, hidden line breaks, wrong bytes: refused and recorded, or rewritten so that the server reads one message.',
    test: 'proxy/refused-messages.test.ts',
  },
  {
    title: 'Nobody rewrites the record',
    text: 'The console’s and the proxy’s own database roles try to change, delete and truncate it. Postgres refuses.',
    test: 'lib/db/rights.test.ts',
  },
] as const
