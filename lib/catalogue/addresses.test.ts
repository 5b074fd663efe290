import type { LookupAddress } from 'node:dns'
import { expect, test } from 'vitest'
import { addressProblem, checkedLookup, checkUpstreamUrl } from './addresses'

type Verdict = 'public' | 'private' | 'closed'
const addresses: [address: string, verdict: Verdict][] = [
  ['93.184.216.34', 'public'],
  ['2606:2800:220:1:248:1893:25c8:1946', 'public'],
  ['172.15.255.255', 'public'],
  ['172.32.0.1', 'public'],
  ['10.0.0.1', 'private'],
  ['127.0.0.1', 'private'],
  ['127.255.0.9', 'private'],
  ['172.16.0.1', 'private'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['::1', 'private'],
  ['fd12::1', 'private'],
  ['::ffff:127.0.0.1', 'private'],
  ['::ffff:10.0.0.1', 'private'],
  ['169.254.169.254', 'closed'],
  ['::ffff:169.254.169.254', 'closed'],
  ['fd00:ec2::254', 'closed'],
  ['100.100.100.200', 'closed'],
  ['0.0.0.0', 'closed'],
  ['::', 'closed'],
  ['fe80::1', 'closed'],
  ['224.0.0.1', 'closed'],
  ['255.255.255.255', 'closed'],
  ['64:ff9b::a00:1', 'closed'],
  ['2002:0a00:0001::', 'closed'],
  ['example.com', 'closed'],
]
test.each(addresses)('%s is %s', (address, verdict) => {
  expect(addressProblem(address, false) === null).toBe(verdict === 'public')
  expect(addressProblem(address, true) === null).toBe(verdict !== 'closed')
})

const urls: [url: string, allowPrivate: boolean, says: RegExp | null][] = [
  ['https://mcp.example.com/mcp', false, null],
  ['http://mcp.example.com/mcp', false, /use https/],
  ['http://mcp.example.com/mcp', true, /use https/],
  ['http://127.0.0.1:9000/mcp', true, null],
  ['http://localhost:9000/mcp', true, null],
  ['http://[::1]:9000/mcp', true, null],
  ['http://127.0.0.1:9000/mcp', false, /use https/],
  ['https://127.0.0.1/mcp', false, /private address/],
  // The same address in other spellings: the URL parser makes one of them.
  ['https://2130706433/mcp', false, /private address/],
  ['https://0x7f.1/mcp', false, /private address/],
  ['https://[::ffff:7f00:1]/mcp', false, /private address/],
  ['https://10.1.2.3/mcp', true, null],
  ['http://10.1.2.3/mcp', true, /use https/],
  ['https://169.254.169.254/latest', true, /no server may have/],
]
test.each(urls)('%s, private allowed: %s', (url, allowPrivate, says) => {
  if (says === null) expect(checkUpstreamUrl(url, allowPrivate).href).toBe(url)
  else expect(() => checkUpstreamUrl(url, allowPrivate)).toThrow(says)
})

function resolve(hostname: string, allowPrivate: boolean, all: boolean): Promise<string | LookupAddress[]> {
  return new Promise((answer, refuse) =>
    checkedLookup(allowPrivate)(hostname, { all }, (error, address) => (error ? refuse(error) : answer(address))),
  )
}

test('a name is refused by what it resolves to', async () => {
  await expect(resolve('localhost', false, true)).rejects.toThrow(/localhost is refused: .* private address/)
  const [first] = (await resolve('localhost', true, true)) as LookupAddress[]
  expect(['127.0.0.1', '::1']).toContain(first?.address)
  expect(['127.0.0.1', '::1']).toContain(await resolve('localhost', true, false))
})
