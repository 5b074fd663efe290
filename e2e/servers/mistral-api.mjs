// Stands in for the vendor's HTTP API, which cannot run here: loaded into the real mistral-mcp child by
// NODE_OPTIONS=--import, it answers at the network's edge. Each request is written as a line to INTERCEPT_TEST_LOG.
import { appendFileSync } from 'node:fs'

const answers = [
  [/\/queries$/, 200, { query_name: 'progress', result: { progress: 50 } }],
  [/\/signals$/, 202, { message: 'Signal accepted' }],
  [/\/updates$/, 200, { update_name: 'progress', result: { accepted: true } }],
]

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init)
  if (process.env.INTERCEPT_TEST_LOG) {
    const line = JSON.stringify({ method: request.method, url: request.url, body: await request.text() })
    appendFileSync(process.env.INTERCEPT_TEST_LOG, `${line}\n`)
  }
  const [, status, body] = answers.find(([pattern]) => pattern.test(new URL(request.url).pathname)) ?? [
    null,
    404,
    { message: 'The stub of the Mistral API does not know this path.' },
  ]
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}
