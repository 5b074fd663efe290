import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Debian's package puts it into /usr/sbin. Null when it is not there. */
export const natsServer =
  ['/usr/sbin/nats-server', '/usr/bin/nats-server', '/usr/local/bin/nats-server'].find(file => existsSync(file)) ?? null

export const WITHOUT_NATS = 'nats-server is not installed: apt-get install -y --no-install-recommends nats-server'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

/** A NATS server with JetStream on loopback, its store in a folder of its own, that can be stopped and started again. */
export async function startNats(settings = '') {
  const folder = mkdtempSync(path.join(tmpdir(), 'intercept-nats-'))
  const port = await freePort()
  const config = path.join(folder, 'nats.conf')
  writeFileSync(config, `host: 127.0.0.1\nport: ${port}\njetstream { store_dir: "${folder}" }\n${settings}\n`)
  let child: ChildProcess | null = null
  const start = async () => {
    const started = spawn(natsServer ?? '', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
    child = started
    let said = ''
    started.stderr.on('data', chunk => {
      said += chunk
    })
    for (let i = 0; i < 200 && !said.includes('Server is ready'); i++) {
      if (started.exitCode !== null) throw new Error(`nats-server ended: ${said}`)
      await sleep(50)
    }
  }
  const stop = async () => {
    const running = child
    child = null
    if (!running || running.exitCode !== null) return
    const ended = new Promise(resolve => running.once('exit', resolve))
    running.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    url: `nats://127.0.0.1:${port}`,
    address: `127.0.0.1:${port}`,
    start,
    stop,
    async close() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
