import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import { isLoopbackHost } from './model'

// PROTOCOL §4 (SSRF). IANA special-purpose registries (RFC 6890); IPv4-mapped IPv6 is judged as its IPv4 address.
const privateRanges = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['::1', 128],
  ['fc00::', 7],
] as const
// Never a server's place, whatever an admin allows: metadata services, multicast, translation and test ranges.
const closedRanges = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 128],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 64],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const

function blockList(ranges: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of ranges) list.addSubnet(network, bits, network.includes(':') ? 'ipv6' : 'ipv4')
  return list
}
const privateList = blockList(privateRanges)
const closedList = blockList(closedRanges)

/** Why an address must not be connected to, or null when it may. @param address IPv4 or IPv6, without brackets */
export function addressProblem(address: string, allowPrivate: boolean): string | null {
  const family = isIP(address)
  if (family === 0) return `${address} is not an address`
  const kind = family === 6 ? 'ipv6' : 'ipv4'
  if (closedList.check(address, kind))
    return `${address} is in a range that no server may have (link-local, metadata, multicast or reserved)`
  if (!allowPrivate && privateList.check(address, kind))
    return `${address} is a private address; allow private addresses for this server if that is meant`
  return null
}

/**
 * Checks an upstream's address before any connection: https, or http on loopback when allowed; literal addresses by range.
 * Names are judged when they are resolved, by `checkedLookup`.
 * @throws Error with one sentence
 */
export function checkUpstreamUrl(address: string, allowPrivate: boolean): URL {
  const url = new URL(address)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowPrivate && isLoopbackHost(url.hostname)))
    throw new Error(
      `${url.origin} is refused: use https; plain http is taken on loopback only, when private addresses are allowed.`,
    )
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  const problem = isIP(literal) ? addressProblem(literal, allowPrivate) : null
  if (problem) throw new Error(`${url.origin} is refused: ${problem}.`)
  return url
}

type Answer = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

/**
 * `dns.lookup` that refuses a name as soon as one of its addresses must not be connected to. Handed to the connector, so
 * that the address that was checked is the one connected to.
 */
export function checkedLookup(
  allowPrivate: boolean,
): (hostname: string, options: LookupOptions, answer: Answer) => void {
  return (hostname, options, answer) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return answer(error, [])
      const problem = addresses.map(({ address }) => addressProblem(address, allowPrivate)).find(Boolean)
      const [first] = addresses
      if (problem || !first) return answer(new Error(`${hostname} is refused: ${problem ?? 'it has no address'}.`), [])
      return options.all ? answer(null, addresses) : answer(null, first.address, first.family)
    })
  }
}
