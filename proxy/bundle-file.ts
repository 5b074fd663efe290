import { mkdir, open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import type { ProxyServer } from '@/lib/catalogue/store'
import { deriveKey, seal, unseal } from '@/lib/secret'
import type { EnforcementParts } from './enforcement'

/** Grows when what is kept changes its shape: a release does not judge by what another one wrote. */
const FORMAT = 1
/** A clock that was set back must not make an old file young. */
const MAX_AHEAD_MS = 5 * 60_000

export interface BundleFileSettings {
  /** The proxy's, which names the file. */
  readonly name: string
  readonly dataDir: string
  readonly secret: string
  readonly maxAgeMs: number
}

/** What Postgres held, and when it last said so (Unix ms). */
export interface KeptParts {
  readonly parts: EnforcementParts
  readonly confirmedAt: number
}

/** A file that must not be judged by; the message says why, and names no content. */
export class BundleFileRefused extends Error {}

/**
 * The last known good bundle on disk, at `DATA_DIR/bundle/<proxy>.json` (0600): sealed under a key of INTERCEPT_SECRET, so
 * that nobody without the secret reads or changes it. Credentials inside stay sealed under their own key.
 */
export class BundleFile {
  readonly path: string
  readonly #key: Buffer
  readonly #context: string
  #writing: Promise<void> | null = null
  #next: KeptParts | null = null

  constructor(private readonly settings: BundleFileSettings) {
    this.path = path.join(settings.dataDir, 'bundle', `${settings.name}.json`)
    this.#key = deriveKey(settings.secret, 'bundle')
    this.#context = `bundle of ${settings.name}`
  }

  /**
   * @param now Unix ms
   * @returns null when there is no file
   * @throws BundleFileRefused when it is damaged, changed, of another secret, proxy or release, or too old
   */
  async read(now: number): Promise<KeptParts | null> {
    let text: string
    try {
      text = await readFile(this.path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw new BundleFileRefused(`${this.path} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
    }
    const { confirmedAt, parts } = this.#open(text)
    if (confirmedAt > now + MAX_AHEAD_MS)
      throw new BundleFileRefused(`${this.path} was confirmed in the future. Set this host's clock.`)
    if (now - confirmedAt > this.settings.maxAgeMs)
      throw new BundleFileRefused(
        `${this.path} was last confirmed at ${new Date(confirmedAt).toISOString()}, longer ago than BUNDLE_MAX_AGE allows.`,
      )
    return { parts: partsOf(parts), confirmedAt }
  }

  /** Replaces the file whole. Of several at once the newest is written last; one that waits is left out. */
  write(kept: KeptParts): Promise<void> {
    this.#next = kept
    this.#writing ??= this.#writeNext().finally(() => {
      this.#writing = null
    })
    return this.#writing
  }

  async #writeNext(): Promise<void> {
    while (this.#next) {
      const { confirmedAt, parts } = this.#next
      const content = JSON.stringify({ format: FORMAT, confirmedAt, parts: plainOf(parts) })
      this.#next = null
      const sealed = Buffer.from(seal(this.#key, content, this.#context)).toString('base64')
      await replaceFile(this.path, JSON.stringify({ sealed }))
    }
  }

  #open(text: string): { confirmedAt: number; parts: PlainParts } {
    let content: { format?: unknown; confirmedAt?: unknown; parts?: unknown }
    try {
      const { sealed } = JSON.parse(text) as { sealed: string }
      content = JSON.parse(unseal(this.#key, Buffer.from(sealed, 'base64'), this.#context))
    } catch {
      throw new BundleFileRefused(`${this.path} was changed, or was written under another INTERCEPT_SECRET.`)
    }
    if (content.format !== FORMAT || typeof content.confirmedAt !== 'number' || !content.parts)
      throw new BundleFileRefused(`${this.path} was written by another release.`)
    return content as { confirmedAt: number; parts: PlainParts }
  }
}

/** A crash leaves the old file or the new one, never half of one. */
async function replaceFile(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const beside = `${file}.next`
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.chmod(0o600)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, file)
}

/** The parts as JSON can hold them: sealed credentials as base64. */
interface PlainParts extends Omit<EnforcementParts, 'servers'> {
  readonly servers: readonly (Omit<ProxyServer, 'sealed'> & { readonly sealed: string | null })[]
}

function plainOf(parts: EnforcementParts): PlainParts {
  const servers = parts.servers.map(({ sealed, ...server }) => ({
    ...server,
    sealed: sealed && Buffer.from(sealed).toString('base64'),
  }))
  return { ...parts, servers }
}

function partsOf(plain: PlainParts): EnforcementParts {
  const servers = plain.servers.map(({ sealed, ...server }) => ({
    ...server,
    sealed: sealed === null ? null : Buffer.from(sealed, 'base64'),
  }))
  return { ...plain, servers }
}
