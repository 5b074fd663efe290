import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'

export interface Account {
  readonly uid: number
  readonly gid: number
}

/** `nobody` on Linux: owns nothing, and our data folder is closed to it. */
const NOBODY: Account = { uid: 65_534, gid: 65_534 }

/**
 * The account that a server of ours runs as. A process of root gives its children to `nobody`, unless what they are
 * started from lies where only root can go (a clone in a 0700 folder): then they stay root's, and the caller says so.
 * @returns null for our own account
 */
export function accountFor(file: string, args: readonly string[], cwd: string, searchPath: string): Account | null {
  if (process.getuid?.() !== 0) return null
  const program = findProgram(file, cwd, searchPath)
  if (!program) return NOBODY
  const files = [program, ...args.filter(arg => !arg.startsWith('-')).map(arg => path.resolve(cwd, arg))]
  return files.filter(existsSync).every(isOpenToAll) ? NOBODY : null
}

function findProgram(file: string, cwd: string, searchPath: string): string | null {
  if (file.includes('/')) return path.resolve(cwd, file)
  for (const folder of searchPath.split(':')) {
    const candidate = path.join(folder, file)
    try {
      accessSync(candidate, constants.X_OK)
      return candidate
    } catch {
      // Not in this folder.
    }
  }
  return null
}

/** Whether everybody may read the file and pass every folder above it, along the real path. */
function isOpenToAll(file: string): boolean {
  const real = realpathSync(file)
  if ((statSync(real).mode & 0o004) === 0) return false
  for (let folder = path.dirname(real); ; folder = path.dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
    if (folder === path.dirname(folder)) return true
  }
}
