import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { publicKeyPem, type SigningKey, signingKeyOf } from './checkpoint'

const CURRENT = 'audit-signing-key.pem'
const PUBLIC = 'audit-public-key.pem'
const RETENTION = 'audit-retention-key.pem'
const RETENTION_PUBLIC = 'audit-retention-public-key.pem'
const RETIRED = /^audit-signing-key\.retired-[A-Za-z0-9_-]+\.pem$/

/**
 * The key that signs checkpoints: from the environment, else DATA_DIR/audit-signing-key.pem (0600), which is made when it
 * is missing. The public half is written beside it, to be kept where the record is not.
 * @param given PKCS #8 PEM of AUDIT_SIGNING_KEY, whose line breaks may be written as \n
 * @throws Error when the key cannot be read
 */
export function openSigningKey(dataDir: string, given: string | undefined): SigningKey {
  return openKey(dataDir, given, CURRENT, PUBLIC)
}

/**
 * The owner's key that signs statements of retention, of AUDIT_RETENTION_KEY or DATA_DIR/audit-retention-key.pem. Another
 * one than that of checkpoints: who holds a proxy must not be able to say that retention dropped what is missing.
 * @throws Error when the key cannot be read
 */
export function openRetentionKey(dataDir: string, given: string | undefined): SigningKey {
  return openKey(dataDir, given, RETENTION, RETENTION_PUBLIC)
}

function openKey(dataDir: string, given: string | undefined, file: string, publicFile: string): SigningKey {
  const pem = given === undefined ? readOrMake(dataDir, file) : given.replaceAll('\\n', '\n')
  const key = signingKeyOf(pem)
  writeFileSync(path.join(dataDir, publicFile), publicKeyPem(key.publicKey), { mode: 0o644 })
  return key
}

/** The public half as `openSigningKey` left it; null when no proxy has run with this DATA_DIR. */
export function readOwnPublicKey(dataDir: string): string | null {
  return readIfThere(path.join(dataDir, PUBLIC))
}

/** The public half of the retention key; null when nothing was ever dropped from this DATA_DIR. */
export function readRetentionPublicKey(dataDir: string): string | null {
  return readIfThere(path.join(dataDir, RETENTION_PUBLIC))
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

/**
 * A key that was in use before, kept so that each proxy can say with it which key comes next.
 * @param publicKey base64url, as its last checkpoint names it
 */
export function findRetiredKey(dataDir: string, publicKey: string): SigningKey | null {
  const files = readdirSync(dataDir).filter(name => RETIRED.test(name))
  const keys = files.map(name => signingKeyOf(readFileSync(path.join(dataDir, name), 'utf8')))
  return keys.find(key => key.publicKey === publicKey) ?? null
}

/** Puts a new key in the place of the current one, which stays as a retired one. @returns both public keys */
export function rotateSigningKey(dataDir: string): { before: string; after: string } {
  const before = signingKeyOf(readOrMake(dataDir, CURRENT)).publicKey
  const current = path.join(dataDir, CURRENT)
  const retired = path.join(dataDir, `audit-signing-key.retired-${before}.pem`)
  rmSync(retired, { force: true })
  linkSync(current, retired)
  const draft = writeNewKey(dataDir)
  renameSync(draft, current)
  const after = signingKeyOf(readFileSync(current, 'utf8')).publicKey
  writeFileSync(path.join(dataDir, PUBLIC), publicKeyPem(after), { mode: 0o644 })
  return { before, after }
}

function readOrMake(dataDir: string, name: string): string {
  const file = path.join(dataDir, name)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const draft = writeNewKey(dataDir)
  try {
    // Two proxies that start at once make one key: a link, unlike a rename, takes no name that is there.
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return readFileSync(file, 'utf8')
}

function writeNewKey(dataDir: string): string {
  const draft = path.join(dataDir, `.audit-signing-key.${randomBytes(6).toString('hex')}`)
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
  return draft
}
