import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Redis } from 'ioredis'

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0

export interface RedisServer {
  /** Of its socket, as ioredis takes it. */
  readonly url: string
  connect(): Redis
  stop(): Promise<void>
}

/** Debian's redis-server on a socket of its own, without a file of data. */
export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'intercept-redis-'))
  const socket = path.join(folder, 'socket')
  const server = spawn(
    'redis-server',
    ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no', '--dir', folder],
    {
      stdio: 'ignore',
    },
  )
  const clients: Redis[] = []
  const connect = () => {
    const client = new Redis({ path: socket, maxRetriesPerRequest: 20, commandTimeout: 2_000 })
    client.on('error', () => undefined)
    clients.push(client)
    return client
  }
  await connect().ping()
  return {
    url: socket,
    connect,
    async stop() {
      for (const client of clients) client.disconnect()
      const ended = new Promise(resolve => server.once('exit', resolve))
      server.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
