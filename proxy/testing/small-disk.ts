import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** A real file system of its own, in memory, that a test fills or makes read-only. */
export interface SmallDisk {
  /** Takes every free byte, as somebody else's file would. */
  fill(): void
  /** Removes that file. */
  empty(): void
  remount(mode: 'ro' | 'rw'): void
  unmount(): void
}

/** Mounts one of `kilobytes` at `folder`. Null where this account may not mount. */
export function smallDisk(folder: string, kilobytes: number): SmallDisk | null {
  mkdirSync(folder, { recursive: true })
  const mount = (...words: string[]) => execFileSync('mount', words, { stdio: 'ignore' })
  try {
    mount('-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=0700`, 'tmpfs', folder)
  } catch {
    return null
  }
  const filler = path.join(folder, 'of-somebody-else')
  return {
    fill() {
      const { bavail, bsize } = statfsSync(folder)
      writeFileSync(filler, Buffer.alloc(bavail * bsize))
    },
    empty: () => rmSync(filler),
    remount: mode => void mount('-o', `remount,${mode}`, folder),
    unmount: () => void execFileSync('umount', ['-l', folder], { stdio: 'ignore' }),
  }
}
