import { readOwnPublicKey, readRetentionPublicKey, rotateSigningKey } from '@/lib/audit/signing-key'
import { readEnv } from '@/lib/env'
import { BadInput, runAction } from '../policy/bad-input'

/** `intercept audit key`. */
export async function printKey({ retention = false }: { readonly retention?: boolean }): Promise<void> {
  await runAction(async () => {
    const { dataDir } = readEnv()
    const key = retention ? readRetentionPublicKey(dataDir) : readOwnPublicKey(dataDir)
    if (key === null)
      throw new BadInput(
        retention
          ? `Nothing was ever dropped by retention with ${dataDir}, so there is no key of it yet.`
          : `No proxy has run with ${dataDir}, so there is no key yet. Run \`npm start\`.`,
      )
    process.stdout.write(key)
    return 0
  })
}

/** `intercept audit rotate-key`. */
export async function rotateKey(): Promise<void> {
  await runAction(async () => {
    const { dataDir, auditSigningKey } = readEnv()
    if (auditSigningKey !== undefined)
      throw new BadInput('AUDIT_SIGNING_KEY gives the key, so it is changed there and not in DATA_DIR.')
    const { before, after } = rotateSigningKey(dataDir)
    process.stdout.write(
      `The key ${before} is retired; ${after} takes its place.\n` +
        'Start each proxy again: it announces the new key with a checkpoint that the old one signs.\n',
    )
    return 0
  })
}
