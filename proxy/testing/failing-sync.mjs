// Preloaded into the proxy's process: as long as SYNC_FAILS exists, fdatasync answers EIO, as a dying disk does. What it was
// asked to sync is written to SYNC_FAILS, since a file that failed once must never be asked again.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const { fdatasync } = fs
const failed = new Set()
fs.fdatasync = (descriptor, done) => {
  const file = process.env.SYNC_FAILS ?? ''
  const asked = fs.readlinkSync(`/proc/self/fd/${descriptor}`)
  if (failed.has(asked)) fs.appendFileSync(`${file}.again`, `${asked}\n`)
  if (!fs.existsSync(file)) return fdatasync(descriptor, done)
  failed.add(asked)
  fs.appendFileSync(`${file}.count`, `${asked}\n`)
  setImmediate(done, Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' }))
}
syncBuiltinESMExports()
