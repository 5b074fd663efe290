import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startPostgres } from '@/lib/db/embedded-postgres'
import { isAlive } from '@/lib/db/postmaster'
import {
  type Checkout,
  launch,
  makeCheckout,
  pidOf,
  postgresPid,
  type Run,
  recorded,
  type Variables,
} from './testing/checkout'

// `npm start` as a newcomer lives through it: in a clone under a 0700 folder, with LANG unset, started, killed, started again.

let checkout: Checkout
let run: Run | undefined

beforeAll(async () => {
  checkout = await makeCheckout()
})
afterAll(() => checkout?.remove())
afterEach(() => {
  const left = [...recorded(checkout).map(each => each.pid), postgresPid(checkout) ?? 0]
  for (const pid of left.filter(each => each > 0 && isAlive(each))) process.kill(pid, 'SIGKILL')
})

async function started(more: Variables = {}): Promise<Run> {
  run = launch(checkout, more)
  await run.ready
  return run
}

const statusOf = async (url: string) => (await fetch(url)).status
const consoleUrl = () => `http://127.0.0.1:${checkout.consolePort}`
const proxyUrl = () => `http://127.0.0.1:${checkout.proxyPort}`

/** Waits until `seen` holds; a guarantee with a deadline, not a guess at a pause. */
async function eventually(seen: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs
  while (!(await seen())) {
    if (Date.now() > until) throw new Error(`not within ${timeoutMs} ms:\n${run?.printed()}`)
    await sleep(50)
  }
}

const answers = async (url: string) =>
  statusOf(url).then(
    () => true,
    () => false,
  )
const mode = (file: string) => (statSync(path.join(checkout.dataDir, file)).mode & 0o777).toString(8)

describe('a start', () => {
  test('prints both addresses and the first owner’s link, and both doors answer', async () => {
    const { printed } = await started()
    expect(printed()).toContain(`http://localhost:${checkout.consolePort}\n`)
    expect(printed()).toContain(`http://localhost:${checkout.proxyPort} `)
    const link = printed().match(/http:\S+\/setup\?token=[\w-]{43}/)?.[0]
    expect(await statusOf(link ?? '')).toBe(200)
    expect(await statusOf(`${consoleUrl()}/`)).toBe(200)
    expect(await statusOf(`${proxyUrl()}/mcp/mistral`)).toBe(401)
  })

  test('gives each process only what it needs, and keeps secrets to its user', async () => {
    await started()
    const environmentOf = (name: string) =>
      Object.fromEntries(
        readFileSync(`/proc/${pidOf(checkout, name)}/environ`, 'utf8')
          .split('\0')
          .map(each => each.split(/=(.*)/s).slice(0, 2)),
      )
    const [ofConsole, ofProxy, ofForwarder] = ['console', 'proxy', 'forwarder'].map(environmentOf) as [
      Variables,
      Variables,
      Variables,
    ]
    expect(ofConsole.CONSOLE_DATABASE_URL).toMatch(/\/\/intercept_console_/)
    expect(ofProxy.PROXY_DATABASE_URL).toMatch(/\/\/intercept_proxy_/)
    expect(ofForwarder.CONSOLE_DATABASE_URL).toBe(ofConsole.CONSOLE_DATABASE_URL)
    expect([ofConsole.DATABASE_URL, ofConsole.PROXY_DATABASE_URL]).toEqual(['', ''])
    expect([ofForwarder.DATABASE_URL, ofForwarder.PROXY_DATABASE_URL]).toEqual(['', ''])
    expect([ofProxy.DATABASE_URL, ofProxy.CONSOLE_DATABASE_URL]).toEqual([undefined, undefined])
    const all = [ofConsole, ofProxy, ofForwarder].flatMap(each => Object.values(each)).join('\n')
    expect(all).not.toMatch(/intercept_owner|postgres:/)
    for (const file of ['secret', 'connections.json', 'postgres.json', 'roles.json', 'run.json', 'logs/proxy.log'])
      expect(`${file} ${mode(file)}`).toBe(`${file} 600`)
  })

  test('on data that is in use says so, and leaves the running one alone', async () => {
    await started()
    const second = launch(checkout, { CONSOLE_PORT: '1', PROXY_PORT: '2' })
    expect(await second.ended).toBe(1)
    expect(second.printed()).toMatch(/already runs on .*\(process \d+\).*\n$/)
    expect(await statusOf(`${consoleUrl()}/api/health`)).toBe(200)
  })
})

test('with a DATABASE_URL uses that Postgres alone, and leaves it running', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'intercept-own-'))
  chmodSync(folder, 0o711)
  const own = await startPostgres(path.join(folder, 'postgres-of-somebody'))
  const dataDir = path.join(folder, 'data')
  try {
    const { child, ended } = await started({ DATABASE_URL: own.ownerUrl, DATA_DIR: dataDir })
    expect(await statusOf(`${consoleUrl()}/sign-in`)).toBe(200)
    expect(await statusOf(`${proxyUrl()}/mcp/mistral`)).toBe(401)
    expect(readdirSync(dataDir)).not.toContain('postgres.json')
    for (const file of readdirSync(dataDir, { withFileTypes: true }).filter(each => each.isFile()))
      expect(readFileSync(path.join(dataDir, file.name), 'utf8')).not.toContain('intercept_owner')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(isAlive(own.pid)).toBe(true)
  } finally {
    await own.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})

describe('a stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('by %s ends everything within three seconds', async signal => {
    const { child, ended } = await started()
    const pids = [...recorded(checkout).map(each => each.pid), postgresPid(checkout) ?? 0]
    expect(pids.filter(isAlive)).toHaveLength(5)
    const began = Date.now()
    // As a terminal does: to the whole foreground group, and once more by whoever passes it on.
    process.kill(-(child.pid ?? 0), signal)
    child.kill(signal)
    expect(await ended).toBe(0)
    expect(Date.now() - began).toBeLessThan(3_000)
    expect(pids.filter(isAlive)).toEqual([])
    expect(recorded(checkout)).toEqual([])
  })

  test('may be followed by a start at once', async () => {
    const { child } = await started()
    child.kill('SIGINT')
    await sleep(100)
    const { printed } = await started()
    expect(printed()).not.toMatch(/already runs/)
  })

  test('through npm ends everything within three seconds', async () => {
    const npm = process.env.npm_execpath ?? spawnSync('which', ['npm'], { encoding: 'utf8' }).stdout.trim()
    run = launch(checkout, {}, [npm, 'start'])
    await run.ready
    const pids = [...recorded(checkout).map(each => each.pid), postgresPid(checkout) ?? 0]
    const began = Date.now()
    run.child.kill('SIGTERM')
    await eventually(() => !pids.some(isAlive), 3_000)
    expect(Date.now() - began).toBeLessThan(3_000)
  })
})

describe('a death', () => {
  test('of console, proxy or forwarder is one line, and it is started again', async () => {
    const { printed } = await started()
    for (const [name, url] of [
      ['proxy', `${proxyUrl()}/mcp/mistral`],
      ['console', `${consoleUrl()}/api/health`],
      ['forwarder', `${consoleUrl()}/api/health`],
    ] as const) {
      const pid = pidOf(checkout, name)
      process.kill(pid, 'SIGKILL')
      await eventually(() => recorded(checkout).some(each => each.name === name && each.pid !== pid), 10_000)
      await eventually(() => answers(url), 20_000)
      expect(
        printed().match(new RegExp(`^The ${name} was ended by SIGKILL; it starts again in .*$`, 'gm')),
      ).toHaveLength(1)
    }
  })

  test('of Postgres is one line, and console and proxy live on', async () => {
    const { printed } = await started()
    const pid = postgresPid(checkout) ?? 0
    process.kill(pid, 'SIGKILL')
    await eventually(() => ![null, pid].includes(postgresPid(checkout)), 20_000)
    await eventually(async () => (await statusOf(`${consoleUrl()}/sign-in`)) === 200, 20_000)
    expect(printed().match(/^Postgres ended; it starts again/gm)).toHaveLength(1)
    expect(printed()).not.toMatch(/^The (console|proxy)/m)
  })

  test('of the launcher leaves nothing that blocks the next start, Postgres goes on', async () => {
    const { child } = await started()
    const [console, proxy, postgres] = [
      pidOf(checkout, 'console'),
      pidOf(checkout, 'proxy'),
      postgresPid(checkout) ?? 0,
    ]
    child.kill('SIGKILL')
    await sleep(200)
    await started()
    expect(isAlive(console) || isAlive(proxy)).toBe(false)
    expect(postgresPid(checkout)).toBe(postgres)
  })

  test('of the whole tree but Postgres by kill -9 blocks nothing; the next start takes seconds', async () => {
    await started()
    const postgres = postgresPid(checkout)
    for (const { pid } of recorded(checkout)) process.kill(pid, 'SIGKILL')
    await sleep(200)
    const began = Date.now()
    await started()
    // Alone on two cores it takes two seconds; the bound leaves room for a busy machine.
    expect(Date.now() - began).toBeLessThan(45_000)
    expect(postgresPid(checkout)).toBe(postgres)
    expect(run?.printed()).not.toMatch(/Installing|Building|Bundling|Generating/)
  })

  test('of everything, Postgres too, is recovered from', async () => {
    await started()
    for (const pid of [...recorded(checkout).map(each => each.pid), postgresPid(checkout) ?? 0])
      process.kill(pid, 'SIGKILL')
    await started()
    expect(await statusOf(`${consoleUrl()}/api/health`)).toBe(200)
  })
})

describe('what a person has to mend is one sentence and a non-zero exit', () => {
  let taken: Server
  let takenPort = 0
  beforeAll(async () => {
    taken = createServer()
    await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
    takenPort = (taken.address() as { port: number }).port
  })
  afterAll(() => taken.close())

  const node18 = ['--import', "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'18.19.0'})"]
  const cases: [string, () => Variables, RegExp, string[]?][] = [
    ['console port in use', () => ({ CONSOLE_PORT: String(takenPort) }), /Port \d+ .* is in use\. .*CONSOLE_PORT/],
    ['proxy port in use', () => ({ PROXY_PORT: String(takenPort) }), /Port \d+ .* is in use\. .*PROXY_PORT/],
    ['a port that is none', () => ({ CONSOLE_PORT: 'http' }), /CONSOLE_PORT is "http"/],
    ['one port for both', () => ({ PROXY_PORT: String(checkout.consolePort) }), /CONSOLE_PORT and PROXY_PORT are both/],
    [
      'an address of another machine',
      () => ({ CONSOLE_HOST: '192.0.2.1' }),
      /cannot listen on 192\.0\.2\.1.*CONSOLE_HOST/,
    ],
    ['a public address that is none', () => ({ CONSOLE_URL: 'intercept' }), /CONSOLE_URL is "intercept"/],
    [
      'a wrong DATABASE_URL',
      () => ({ DATABASE_URL: 'postgresql://me@127.0.0.1:1/x' }),
      /Nothing listens .*DATABASE_URL/,
    ],
    [
      'a DATABASE_URL that is none',
      () => ({ DATABASE_URL: 'localhost' }),
      /DATABASE_URL is not an address of Postgres/,
    ],
    [
      'a data folder that cannot be',
      () => ({ DATA_DIR: '/dev/null/data' }),
      /data folder \/dev\/null\/data cannot be made/,
    ],
    ['an old Node', () => ({}), /needs Node 20\.19 or newer/, [...node18, 'scripts/start.mjs']],
  ]
  test.each(cases)('%s', async (_, more, sentence, words) => {
    run = launch(checkout, more(), words)
    expect(await run.ended).toBe(1)
    const said = run
      .printed()
      .split('\n')
      .filter(line => line && !/^ {2}\S.* …/.test(line))
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(sentence)
  })

  const disk = () => path.join(checkout.folder, 'small-disk')
  const canMount =
    process.getuid?.() === 0 &&
    spawnSync('sh', ['-c', 'd=$(mktemp -d) && mount -t tmpfs none $d && umount $d']).status === 0
  test.runIf(canMount).each([
    ['nearly full', '8m'],
    ['full while the database is made', '170m'],
  ])('a disk that is %s', async (_, size) => {
    mkdirSync(disk(), { recursive: true })
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', disk()])
    try {
      chmodSync(disk(), 0o711)
      if (size === '170m')
        spawnSync('sh', ['-c', `(sleep 0.5; head -c 160m /dev/zero > ${disk()}/filler) 2>/dev/null &`])
      run = launch(checkout, { DATA_DIR: path.join(disk(), 'data') })
      expect(await run.ended).toBe(1)
      expect(run.printed()).toMatch(/disk is full.*[Ff]ree some space/)
    } finally {
      spawnSync('umount', ['-l', disk()])
    }
  })
})
