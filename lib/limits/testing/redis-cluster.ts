import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Redis } from 'ioredis'

export interface RedisCluster {
  /** As REDIS_URL takes it. */
  readonly url: string
  /** Ends the node that holds this key. */
  killHolderOf(key: string): Promise<void>
  stop(): Promise<void>
}

const SLOTS = 16_384

/** Three nodes of Debian's redis-server on loopback, each with a third of the slots and no replicas. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const folder = mkdtempSync(path.join(tmpdir(), 'intercept-redis-cluster-'))
  const ports = await freePorts(6)
  const nodes = [0, 1, 2].map(i => startNode(folder, ports[i] ?? 0, ports[i + 3] ?? 0))
  const clients = nodes.map(({ port }) => new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: 50 }))
  for (const client of clients) client.on('error', () => undefined)
  for (const [i, client] of clients.entries()) {
    const [from, until] = [Math.floor((SLOTS * i) / 3), Math.floor((SLOTS * (i + 1)) / 3)]
    await client.call('CLUSTER', 'ADDSLOTSRANGE', from, until - 1)
    // Nodes without epochs of their own argue about them for seconds.
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1)
  }
  for (const { port, busPort } of nodes) await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort)
  for (const client of clients) await untilComplete(client)
  const end = ({ child }: Node) => {
    const ended = new Promise(resolve => child.once('exit', resolve))
    return child.exitCode === null && child.kill('SIGKILL') ? ended : Promise.resolve()
  }
  return {
    url: nodes.map(({ port }) => `redis://127.0.0.1:${port}`).join(','),
    async killHolderOf(key) {
      const slot = Number(await clients[0]?.call('CLUSTER', 'KEYSLOT', key))
      const holder = nodes[Math.floor((slot * 3) / SLOTS)]
      if (holder) await end(holder)
    },
    async stop() {
      for (const client of clients) client.disconnect()
      await Promise.all(nodes.map(end))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Node {
  readonly child: ChildProcess
  readonly port: number
  readonly busPort: number
}

function startNode(folder: string, port: number, busPort: number): Node {
  const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--cluster-enabled', 'yes', '--cluster-port', `${busPort}`]
  const file = ['--cluster-config-file', `nodes-${port}.conf`, '--dir', folder, '--save', '', '--appendonly', 'no']
  return { child: spawn('redis-server', [...own, ...file], { stdio: 'ignore' }), port, busPort }
}

async function untilComplete(client: Redis): Promise<void> {
  for (let i = 0; i < 400; i++) {
    const info = String(await client.call('CLUSTER', 'INFO'))
    if (/cluster_state:ok/.test(info) && /cluster_known_nodes:3/.test(info) && /cluster_size:3/.test(info)) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('the cluster did not form within 20 s')
}

/** Ports that nobody listens on, all different since they are taken at once. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      server =>
        new Promise<number>(resolve =>
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            resolve(typeof address === 'object' && address ? address.port : 0)
          }),
        ),
    ),
  )
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}
