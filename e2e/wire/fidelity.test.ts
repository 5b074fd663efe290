import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway'
import { type RunningServer, run, serversFolder, startHttpServer } from './third-party'

// Raw JSON, message by message: what a server answers reaches the client as the server said it.
const fixture = path.join(serversFolder, 'conformance-fixture.mjs')
let gateway: Gateway
let direct: RunningServer

beforeAll(async () => {
  direct = await startHttpServer(fixture, ['http'])
  gateway = await startGateway([
    { slug: 'http', url: direct.url },
    { slug: 'stdio', command: ['node', fixture, 'stdio'] },
  ])
})
afterAll(async () => {
  await gateway.stop()
  direct.stop()
})

// Every difference there may be, with the code under which the proxy refuses on purpose. All else is equal.
const refused = {
  'tools/call {"name":"nope_tool","arguments":{}}': 'not_available',
  'raw batch array': 'malformed',
  'raw invalid JSON': 'malformed',
  'raw no method': 'malformed',
  'raw id null': 'malformed',
  'raw id fractional': 'malformed',
  'raw params array': 'malformed',
  'raw extra top-level key': 'malformed',
  'raw duplicate name key': 'malformed',
}
// One pipe has no streams: what the server asks reaches the client on the stream of the call that came last. Each of the
// twelve calls is answered right; only where each question came is not as over HTTP.
const ofOnePipe = { '12 concurrent sampling calls, stream affinity': 'all answered' }

test.each([
  ['http', refused, 54],
  ['stdio', { ...refused, ...ofOnePipe }, 53],
])('only what is refused on purpose differs, over %s', { timeout: 120_000 }, async (slug, expected, same) => {
  const script = path.join(serversFolder, 'fidelity.mjs')
  const { output } = await run(process.execPath, [script, direct.url, gateway.url(slug), gateway.key], 100_000)
  expect(differencesIn(output), output).toEqual(expected)
  expect(output).toContain(`${same} same, ${Object.keys(expected).length} different`)
})

/** How the proxy's answer differed, for each case that did. */
function differencesIn(output: string): Record<string, string> {
  const cases = output.matchAll(/^DIFF (.*)\n {2}direct {2}(.*)\n {2}proxied (.*)$/gm)
  return Object.fromEntries(
    [...cases].map(([, name = '', before = '', after = '']) => [name, differenceOf(before, after)]),
  )
}

function differenceOf(before: string, after: string): string {
  const code = /intercept\/decision\\":{\\"code\\":\\"(\w+)/.exec(after)?.[1]
  if (code) return code
  const answers = (text: string) =>
    text.startsWith('[[') ? JSON.parse(text).map(([answer]: [string]) => answer) : [text]
  return JSON.stringify(answers(before)) === JSON.stringify(answers(after)) ? 'all answered' : after
}
