import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EmbeddedPostgres, startPostgres } from './embedded-postgres'
import { isAlive } from './postmaster'

let parent: string
let dataDir: string
let running: EmbeddedPostgres | undefined
beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), 'intercept-pg-'))
  chmodSync(parent, 0o755)
  dataDir = path.join(parent, 'data')
})
afterEach(async () => {
  await running?.stop()
  running = undefined
  const place = remembered()?.folder
  if (place) rmSync(place, { recursive: true, force: true })
  rmSync(parent, { recursive: true, force: true })
})

function remembered(): { folder: string; port: number } | undefined {
  try {
    return JSON.parse(readFileSync(path.join(dataDir, 'postgres.json'), 'utf8'))
  } catch {
    return undefined
  }
}

async function start(): Promise<EmbeddedPostgres> {
  running = await startPostgres(dataDir, { fsync: 'off' })
  return running
}

async function ask(url: string, text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return Object.values((await client.query(text)).rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

const keep = (url: string) => ask(url, 'CREATE TABLE kept AS SELECT 42 AS answer')
const kept = (url: string) => ask(url, 'SELECT answer FROM kept')

describe('a first start', () => {
  test('makes a database in UTF-8 whose owner is no superuser, reachable by password on loopback alone', async () => {
    const { ownerUrl, port } = await start()
    expect(await ask(ownerUrl, 'SHOW server_encoding')).toBe('UTF8')
    expect(await ask(ownerUrl, `SELECT lower('ÄÖÉ')`)).toBe('äöé')
    expect(await ask(ownerUrl, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toBe(false)
    expect(await ask(ownerUrl, 'SHOW listen_addresses')).toBe('127.0.0.1')
    await expect(ask(`postgresql://intercept_owner@127.0.0.1:${port}/intercept`, 'SELECT 1')).rejects.toThrow()
    await expect(ask(`postgresql://postgres:postgres@127.0.0.1:${port}/intercept`, 'SELECT 1')).rejects.toThrow()
    expect((statSync(path.join(dataDir, 'postgres.json')).mode & 0o777).toString(8)).toBe('600')
  })

  test.runIf(process.getuid?.() === 0)('by root works below a folder that only root may enter', async () => {
    chmodSync(parent, 0o700)
    expect(await ask((await start()).ownerUrl, 'SELECT 1')).toBe(1)
    expect(remembered()?.folder).toMatch(/^\/var\/lib\/intercept\/[0-9a-f]{16}$/)
  })

  test('after an interrupted one begins anew', async () => {
    const first = await start()
    await first.stop()
    const cluster = path.join(remembered()?.folder ?? '', 'cluster')
    renameSync(cluster, `${cluster}.new`)
    expect(await ask((await start()).ownerUrl, 'SELECT 1')).toBe(1)
  })
})

describe('data and passwords', () => {
  test('outlive a stop; the port too, while it is free', async () => {
    const first = await start()
    await keep(first.ownerUrl)
    await first.stop()
    expect(isAlive(first.pid)).toBe(false)
    const second = await start()
    expect(second.ownerUrl).toBe(first.ownerUrl)
    expect(await kept(second.ownerUrl)).toBe(42)
  })

  test('outlive a taken port', async () => {
    const first = await start()
    await keep(first.ownerUrl)
    await first.stop()
    const taken = createServer()
    await new Promise<void>(resolve => taken.listen(first.port, '127.0.0.1', resolve))
    try {
      const second = await start()
      expect(second.port).not.toBe(first.port)
      expect(await kept(second.ownerUrl)).toBe(42)
      expect(remembered()?.port).toBe(second.port)
    } finally {
      taken.close()
    }
  })
})

describe('after a kill -9', () => {
  test('of who started it, the server is taken over', async () => {
    const first = await start()
    await keep(first.ownerUrl)
    const second = await start()
    expect(second).toMatchObject({ pid: first.pid, adopted: true })
    expect(await kept(second.ownerUrl)).toBe(42)
  })

  test('of the server itself, it recovers what was committed', async () => {
    const first = await start()
    await keep(first.ownerUrl)
    process.kill(first.pid, 'SIGKILL')
    const second = await start()
    expect(second.adopted).toBe(false)
    expect(await kept(second.ownerUrl)).toBe(42)
  })

  test('a pid file that names a stranger blocks nothing, and the stranger lives', async () => {
    const first = await start()
    await first.stop()
    const pidFile = path.join(remembered()?.folder ?? '', 'cluster/postmaster.pid')
    writeFileSync(pidFile, [process.pid, '/elsewhere', 1, first.port, '', '127.0.0.1', '', 'ready'].join('\n'))
    const second = await start()
    expect(second).toMatchObject({ adopted: false })
    expect(second.pid).not.toBe(process.pid)
  })
})

describe('what a person has to mend is one sentence', () => {
  test('passwords that are gone, data that is there', async () => {
    const first = await start()
    await first.stop()
    const saved = readFileSync(path.join(dataDir, 'postgres.json'))
    rmSync(path.join(dataDir, 'postgres.json'))
    await expect(startPostgres(dataDir)).rejects.toThrow(/cluster is there but .*postgres\.json .* is not\. Restore it/)
    writeFileSync(path.join(dataDir, 'postgres.json'), saved)
  })

  test('a damaged file of passwords', async () => {
    mkdirSync(dataDir)
    writeFileSync(path.join(dataDir, 'postgres.json'), '{"folder":')
    await expect(startPostgres(dataDir)).rejects.toThrow(/postgres\.json is not readable JSON.*restore it/)
  })
})
