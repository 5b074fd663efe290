import path from 'node:path'
import { proxyBundle } from './build'
import { lookAround } from './missing'
import type { Place } from './place'
import { ownWay, peerWay, serversFolder, type Way } from './ways'

/** Ways to an upstream that is a child of the proxy. */
export async function stdioWays(place: Place): Promise<Way[]> {
  const own = { bundle: proxyBundle, slug: 'stdio' } as const
  const ways = [
    (await ownWay(place, { ...own, name: 'ours, appended', durability: 'append' })).way,
    (await ownWay(place, { ...own, name: 'ours, synced', durability: 'fsync' })).way,
  ]
  if (!lookAround().peers) return ways
  const cli = path.join(serversFolder, 'node_modules/mcp-proxy/dist/bin/mcp-proxy.mjs')
  const words = [cli, '--host', '127.0.0.1', '--port', '{port}', '--server', 'stream', '--no-eventStore', '--']
  const upstream = [process.execPath, path.join(import.meta.dirname, 'stdio-upstream.mjs')]
  return [...ways, await peerWay('mcp-proxy', [process.execPath, ...words, ...upstream], {})]
}
