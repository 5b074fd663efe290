import { readFileSync } from 'node:fs'
import path from 'node:path'

/** How a stdio server is started: no shell, a clean environment, the checkout's root as working directory. */
export interface Launch {
  readonly file: string
  readonly args: readonly string[]
  /** All that the child gets beside PATH; nothing else of ours is inherited. */
  readonly env: Readonly<Record<string, string>>
  /** Absolute; relative paths in the command, say `node_modules/mistral-mcp/dist/index.js`, start here. */
  readonly cwd: string
}

/**
 * Scan and proxy start a server in the same way, so that what was approved is what runs.
 * @param command argument list as stored; `node` means the Node that runs Intercept
 * @param environment the server's own variables, opened
 * @param home an empty folder that the child may write to
 */
export function launchOf(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  home: string,
): Launch {
  const [program = '', ...args] = command
  return {
    file: program === 'node' ? process.execPath : program,
    args,
    env: { LANG: 'C.UTF-8', HOME: home, ...environment },
    cwd: checkoutRoot(),
  }
}

function isCheckout(folder: string): boolean {
  try {
    return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).name === 'intercept'
  } catch {
    return false
  }
}

/**
 * The checkout that this process was started from, absolute: console, proxy and command line agree on it, though people
 * call the command line from anywhere. Where there is none (a bundle moved elsewhere) it is the working directory.
 * @param script path of the script that the process runs
 */
export function checkoutRoot(script = process.argv[1] ?? ''): string {
  for (let folder = path.resolve(path.dirname(script)); ; folder = path.dirname(folder)) {
    if (isCheckout(folder)) return folder
    if (folder === path.dirname(folder)) return process.cwd()
  }
}
